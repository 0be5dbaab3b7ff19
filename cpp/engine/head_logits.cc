#include "engine/head_logits.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "device/device_failure.h"
#include "engine/error.h"

namespace reprise {

#ifdef LLAMA_LOGITS_HEAD

void HeadLogits::ask_for(llama_context_params & params, DeviceLogits device_logits) {
    switch (device_logits) {
    case DeviceLogits::off:
        params.logits_head = LLAMA_LOGITS_HEAD_TYPE_DISABLED;
        break;
    case DeviceLogits::automatic:
        params.logits_head = LLAMA_LOGITS_HEAD_TYPE_AUTO;
        break;
    case DeviceLogits::on:
        params.logits_head = LLAMA_LOGITS_HEAD_TYPE_ENABLED;
        break;
    }
}

bool HeadLogits::has(const llama_context * context) {
    return llama_has_logits_head(context);
}

std::string HeadLogits::reason_for_none(int vocabulary_size) {
    // A head has five blocks of at least 256 logits.
    if (vocabulary_size < 5 * 256)
        return "the model's vocabulary of " + std::to_string(vocabulary_size) + " tokens is too small";
    return "what computes the model's logits lacks an operation that finds the highest of them";
}

bool HeadLogits::take_pass() {
    llama_logits_head head;
    if (!llama_get_logits_head(context_, &head)) return false;
    logits_ = head.logits;
    backend_ = head.backend;
    rows_.assign(head.logits->ne[1], {});
    whole_rows_ = 0;
    is_scanned_ = false;
    has_blocks_ = head.blocks != nullptr;
    bytes_of_row_ = 0;
    if (has_blocks_) {
        block_size_ = static_cast<int>(head.blocks->ne[0]);
        ids_of_row_ = head.block_ids->ne[0];
        tail_of_row_ = head.tail ? head.tail->ne[0] : 0;
        bytes_of_row_ =
            ids_of_row_ * sizeof(int32_t) + (ids_of_row_ * block_size_ + tail_of_row_) * sizeof(float);
    }
    find_scanner();
    if (!scans_) read_blocks();
    return true;
}

void HeadLogits::want_blocks(bool wanted) {
    llama_set_logits_head_blocks(context_, wanted);
}

void HeadLogits::read_blocks() {
    if (!has_blocks_) return;
    llama_logits_head head;
    llama_get_logits_head(context_, &head);
    auto * to = static_cast<std::byte *>(memory_.of(backend_, rows_.size() * bytes_of_row_));
    block_ids_ = read<int32_t>(head.block_ids, to);
    blocks_ = read<float>(head.blocks, to);
    tails_ = head.tail ? read<float>(head.tail, to) : std::span<const float>();
}

int HeadLogits::index_of(int row) const {
    const int index = llama_get_logits_head_row(context_, row);
    if (index < 0 || index >= static_cast<int>(rows_.size()))
        throw Error(ErrorCode::decode_failed, "llama.cpp computed no logits for row " + std::to_string(row));
    return index;
}

#else

void HeadLogits::ask_for(llama_context_params &, DeviceLogits) {}

bool HeadLogits::has(const llama_context *) {
    return false;
}

std::string HeadLogits::reason_for_none(int) {
    return "the addon was built from a llama.cpp without scripts/patches/logits-stay-on-the-device.patch";
}

bool HeadLogits::take_pass() {
    return false;
}

void HeadLogits::want_blocks(bool) {}

void HeadLogits::read_blocks() {}

int HeadLogits::index_of(int) const {
    return -1;
}

#endif

HeadLogits::HeadLogits(llama_context * context, int vocabulary_size, MakeRowScanner make_scanner,
                       std::function<void()> check_read)
    : context_(context), vocabulary_size_(vocabulary_size), make_scanner_(make_scanner),
      check_read_(std::move(check_read)) {}

void HeadLogits::find_scanner() {
    if (!make_scanner_) return;
    const MakeRowScanner make = std::exchange(make_scanner_, nullptr);
    // The address of another machine's memory, or of parts on several devices, means nothing here.
    const ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(ggml_backend_get_device(backend_));
    if (!ggml_backend_buffer_is_host(logits_->buffer) &&
        std::string_view(ggml_backend_reg_name(registry)) != "CUDA")
        return;
    try {
        if (auto scanner = make(static_cast<const float *>(logits_->data)))
            scans_.emplace(std::move(scanner));
    } catch (const device::DeviceFailure &) { // The head does without.
    }
    if (scans_) want_blocks(false);
}

void HeadLogits::expect(std::span<const DrawnTree> trees) {
    if (scans_) scan(trees);
}

void HeadLogits::scan(std::span<const DrawnTree> trees) {
    if (is_scanned_) return;
    std::vector<RowScans::Tree> placed;
    for (const DrawnTree & drawn : trees) {
        const int root = index_of(drawn.root_row);
        const int nodes = drawn.tree.size();
        bool in_order = true;
        for (int i = 0; i < nodes; ++i)
            in_order = in_order && index_of(drawn.root_row + 1 + i) == root + 1 + i;
        placed.push_back({root, in_order, drawn});
    }
    try {
        scans_->scan(static_cast<const float *>(logits_->data), vocabulary_size_,
                     static_cast<int>(rows_.size()), placed);
        is_scanned_ = true;
    } catch (const device::DeviceFailure &) {
        give_scanner_up();
    }
}

void HeadLogits::give_scanner_up() {
    scanned_bytes_ = scans_->bytes_read();
    scans_.reset();
    is_scanned_ = false;
    want_blocks(true);
    read_blocks();
    ggml_backend_synchronize(backend_);
    check_read_();
}

LogitsRead HeadLogits::fetched() const {
    return {fetched_.bytes + (scans_ ? scans_->bytes_read() : scanned_bytes_), fetched_.whole_rows};
}

void * HeadLogits::Memory::of(ggml_backend_t backend, size_t bytes) {
    if (!buffer_ || ggml_backend_buffer_get_size(buffer_.get()) < bytes) {
        ggml_backend_buffer_type_t type = ggml_backend_dev_host_buffer_type(ggml_backend_get_device(backend));
        if (!type) type = ggml_backend_cpu_buffer_type();
        buffer_.reset(); // first, so that there are never two
        buffer_.reset(ggml_backend_buft_alloc_buffer(type, bytes));
        if (!buffer_) throw std::bad_alloc();
    }
    return ggml_backend_buffer_get_base(buffer_.get());
}

template <typename Value>
std::span<const Value> HeadLogits::read(const ggml_tensor * tensor, std::byte *& to) const {
    const size_t bytes = ggml_nbytes(tensor);
    ggml_backend_tensor_get_async(backend_, tensor, to, 0, bytes);
    const auto * const values = reinterpret_cast<const Value *>(to);
    to += bytes;
    return {values, bytes / sizeof(Value)};
}

std::optional<TopLogits> HeadLogits::best_unless_fetched(int row) {
    const auto index = static_cast<size_t>(index_of(row));
    Row & one = rows_[index];
    if (scans_ && !one.best) scan({});
    if (is_scanned_ && !one.best) one.best = scans_->best(static_cast<int>(index));
    if (!one.best && has_blocks_)
        one.best = top_logits(TopBlocks{
            .size = block_size_,
            .ids = block_ids_.subspan(index * ids_of_row_, ids_of_row_),
            .logits = blocks_.data() + index * ids_of_row_ * block_size_,
            .count = vocabulary_size_ / block_size_,
            .tail = tails_.subspan(index * tail_of_row_, tail_of_row_),
        });
    return one.best;
}

TopLogits HeadLogits::best(int row) {
    if (const auto best = best_unless_fetched(row)) return *best;
    const TopLogits best = top_logits(whole(row), vocabulary_size_);
    rows_[index_of(row)].best = best;
    return best;
}

const float * HeadLogits::whole(int row) {
    const int index = index_of(row);
    Row & one = rows_[index];
    if (!one.whole) {
        const size_t bytes = vocabulary_size_ * sizeof(float);
        if (whole_rows_ == whole_memory_.size()) whole_memory_.emplace_back();
        void * const to = whole_memory_[whole_rows_].of(backend_, bytes);
        ggml_backend_tensor_get(logits_, to, index * bytes, bytes);
        check_read_();
        ++whole_rows_;
        one.whole = static_cast<const float *>(to);
        fetched_ += {static_cast<int64_t>(bytes), 1};
    }
    return one.whole;
}

std::optional<std::span<const draft::RankedToken>> HeadLogits::survivors(int row, const Draw & draw) {
    if (!is_scanned_) return std::nullopt;
    try {
        return scans_->survivors(index_of(row), draw);
    } catch (const device::DeviceFailure &) {
        give_scanner_up();
        return std::nullopt;
    }
}

bool HeadLogits::is_spoilt(int row) {
    return !has_number(best(row)) && std::isnan(whole(row)[0]);
}

LogitsRead HeadLogits::read_beforehand(int rows) const {
    if (scans_) return {}; // what scans read is among what was fetched
    return {static_cast<int64_t>(rows * bytes_of_row_), 0};
}

} // namespace reprise
