#include "engine/head_logits.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpu.h"
#include <doctest/doctest.h>

#include "../support.h"
#include "engine/tree_rows.h"

using namespace reprise;

#ifndef LLAMA_LOGITS_HEAD
#error "llama.cpp's source lacks scripts/patches/logits-stay-on-the-device.patch"
#endif

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr size_t alignment = 64; // of buffers, in floats

/// The patch's own nodes over logits in host memory.
class Head {
public:
    /// The memory has `extra` more numbers than the rows.
    Head(int vocabulary_size, int rows, size_t extra = 0)
        : vocabulary_size_(vocabulary_size), backend_(ggml_backend_cpu_init()),
          size_(static_cast<size_t>(vocabulary_size) * rows + extra),
          from_(ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), size_ * sizeof(float))) {
        const ggml_init_params params{ggml_tensor_overhead() * 16 + ggml_graph_overhead(), nullptr, true};
        context_.reset(ggml_init(params));
        logits_ = ggml_new_tensor_2d(context_.get(), GGML_TYPE_F32, vocabulary_size, rows);
        ggml_backend_tensor_alloc(from_.get(), logits_, all().data());
        has_head_ = llama_build_logits_head(context_.get(), logits_, &head_);
        if (!has_head_) return;
        graph_ = ggml_new_graph(context_.get());
        ggml_build_forward_expand(graph_, head_.blocks);
        if (head_.tail) ggml_build_forward_expand(graph_, head_.tail);
        memory_.reset(ggml_backend_alloc_ctx_tensors(context_.get(), backend_.get()));
    }

    bool has_head() const { return has_head_; }
    /// The memory that rows are computed on in.
    std::span<float> all() const {
        return {static_cast<float *>(ggml_backend_buffer_get_base(from_.get())), size_};
    }

    /// The rows begin at `first`, a multiple of `alignment` behind the first number.
    void compute(float * first) {
        for (ggml_tensor * one = ggml_get_first_tensor(context_.get()); one;
             one = ggml_get_next_tensor(context_.get(), one))
            if (one == logits_ || one->view_src == logits_)
                one->data = reinterpret_cast<std::byte *>(first) + one->view_offs;
        REQUIRE(ggml_backend_graph_compute(backend_.get(), graph_) == GGML_STATUS_SUCCESS);
    }

    std::optional<TopLogits> best(int row) const {
        const size_t width = head_.block_ids->ne[0], size = head_.blocks->ne[0];
        const size_t tail = head_.tail ? head_.tail->ne[0] : 0;
        const auto * const tails = head_.tail ? static_cast<const float *>(head_.tail->data) : nullptr;
        return top_logits(TopBlocks{
            .size = static_cast<int>(size),
            .ids = {static_cast<const int32_t *>(head_.block_ids->data) + row * width, width},
            .logits = static_cast<const float *>(head_.blocks->data) + row * width * size,
            .count = static_cast<int>(vocabulary_size_ / size),
            .tail = {tails + row * tail, tail},
        });
    }

    size_t bytes_to_read() const {
        return ggml_nbytes(head_.block_ids) + ggml_nbytes(head_.blocks) +
               (head_.tail ? ggml_nbytes(head_.tail) : 0);
    }

private:
    int vocabulary_size_;
    ggml_backend_ptr backend_;
    size_t size_;
    ggml_backend_buffer_ptr from_, memory_;
    ggml_context_ptr context_;
    ggml_tensor * logits_ = nullptr;
    ggml_cgraph * graph_ = nullptr;
    llama_logits_head head_;
    bool has_head_ = false;
};

bool same(const TopLogits & one, const TopLogits & other) {
    return std::equal(one.begin(), one.end(), other.begin(),
                      [](auto & a, auto & b) { return a.token == b.token && a.logit == b.logit; });
}

/// Writes values over some of a row, and takes them back.
class Planted {
public:
    Planted(float * row, int count, int kind, std::mt19937 & random) : row_(row) {
        const auto anywhere = [&] { return static_cast<int>(random() % count); };
        const float high = 30 + static_cast<float>(random() % 3);
        switch (kind) {
        case 0: // as it is
            break;
        case 1: // the same maximum in many places, some of them in one block
            for (int i = 0; i < 12; ++i) put(anywhere(), high - static_cast<float>(random() % 2));
            break;
        case 2: // what is banned, and what is no number, beside what is highest
            for (int i = 0; i < 40; ++i) {
                const int at = anywhere();
                put(at, high + static_cast<float>(i % 7));
                put((at + 1 + random() % 20) % count, i % 2 ? not_a_number : lowest);
            }
            break;
        case 3: // the first logit or the last
            put(random() % 2 ? 0 : count - 1, random() % 2 ? not_a_number : high);
            break;
        case 4: // an equal one in the tail
            put(anywhere(), high);
            put(count - 1, high);
            break;
        case 5: // few are left
            for (int i = 0; i < count; ++i) put(i, random() % 2 ? lowest : not_a_number);
            for (unsigned i = 0; i < random() % 6; ++i) put(anywhere(), high);
            break;
        default: // the lowest number that there is
            for (int i = 0; i < count; ++i) put(i, std::numeric_limits<float>::lowest());
            put(anywhere(), high);
        }
    }
    ~Planted() {
        for (auto at = before_.rbegin(); at != before_.rend(); ++at) row_[at->first] = at->second;
    }
    Planted(const Planted &) = delete;
    Planted & operator=(const Planted &) = delete;

private:
    void put(int at, float value) {
        before_.emplace_back(at, row_[at]);
        row_[at] = value;
    }
    float * row_;
    std::vector<std::pair<int, float>> before_;
};

ContextOptions with_head(DeviceLogits device_logits, int micro_batch_size = 256) {
    ContextOptions options = test_context();
    options.device_logits = device_logits;
    options.micro_batch_size = micro_batch_size;
    return options;
}

/// A chain of so many rows in one batch.
Batch chain(const Sequence & sequence, int rows) {
    Batch batch;
    const llama_seq_id id = sequence.id();
    for (int i = 0; i < rows; ++i) batch.add(100 + 37 * i % 1900, i, std::span(&id, 1), true);
    return batch;
}

} // namespace

TEST_CASE("logits head: what it gives are the best logits of the row, ties and what is no number included") {
#if defined(__SANITIZE_ADDRESS__)
    constexpr int rounds = 50;
#else
    constexpr int rounds = 625;
#endif
    constexpr int rows = 16; // 10,000 in all, of each vocabulary
    for (const int count : {2048, 32'000, 151'936, 262'144}) {
        CAPTURE(count);
        std::mt19937 random(count);
        std::normal_distribution<float> normal(0, 4);
        const size_t shifts = 1 << 14;
        Head head(count, rows, shifts * alignment);
        REQUIRE(head.has_head());
        const std::span<float> logits = head.all();
        for (float & logit : logits)
            // The last bits are few enough that some are equal.
            logit = std::round(normal(random) * 0x1p16f) * 0x1p-16f;
        int told = 0, plain_told = 0, plain = 0, wrong = 0;
        for (int round = 0; round < rounds; ++round) {
            float * const first = logits.data() + random() % shifts * alignment;
            std::vector<std::unique_ptr<Planted>> planted;
            for (int row = 0; row < rows; ++row) {
                // Whole rows are rewritten now and then alone, since that takes its time.
                const int kind = row > 0 || round % 8 > 0 ? row % 5 : 5 + round / 8 % 2;
                planted.push_back(
                    std::make_unique<Planted>(first + static_cast<size_t>(row) * count, count, kind, random));
            }
            head.compute(first);
            for (int row = 0; row < rows; ++row) {
                const auto best = head.best(row);
                plain += row % 5 == 0 && row > 0;
                if (!best) continue;
                ++told;
                plain_told += row % 5 == 0 && row > 0;
                wrong += !same(*best, top_logits(first + static_cast<size_t>(row) * count, count));
            }
        }
        CHECK(wrong == 0);
        // Where nothing is planted, it is seldom that the whole row has to be looked at.
        CHECK(plain_told > 0.97 * plain);
        CHECK(told > 0.6 * rows * rounds);
    }
}

TEST_CASE(
    "logits head: where as many blocks have the highest logit as are read, the row is to be looked at") {
    Head head(4096, 1);
    REQUIRE(head.has_head());
    const std::span<float> logits = head.all();
    std::fill(logits.begin(), logits.end(), 1.f);
    head.compute(logits.data());
    CHECK_FALSE(head.best(0));
    for (int block = 0; block < 4; ++block) logits[300 * block] = 2;
    head.compute(logits.data());
    REQUIRE(head.best(0));
    CHECK(same(*head.best(0), top_logits(logits.data(), 4096)));
    // The fourth is as high as the fifth, which could stand before it.
    logits[3000] = 2;
    head.compute(logits.data());
    CHECK_FALSE(head.best(0));
    logits[5] = logits[6] = logits[7] = logits[8] = 3;
    head.compute(logits.data());
    REQUIRE(head.best(0));
    CHECK(same(*head.best(0), top_logits(logits.data(), 4096)));
}

TEST_CASE("logits head: blocks that a device makes a mess of tell nothing") {
    const std::vector<float> logits(5 * 256, 1);
    for (const auto & ids :
         std::vector<std::vector<int32_t>>{{0, 1, 2, 3, 3}, {0, 1, 2, 3, 8}, {-1, 0, 1, 2, 3}, {0, 1, 2, 3}})
        CHECK_FALSE(top_logits(TopBlocks{256, ids, logits.data(), 8, {}}));
}

TEST_CASE("logits head: of 64 rows of Qwen's vocabulary less than 0.4 MB are read") {
    const Head head(151'936, 64);
    REQUIRE(head.has_head());
    CHECK(head.bytes_to_read() <= 400'000);
}

TEST_CASE("logits head: five blocks are the least") {
    CHECK(Head(1280, 1).has_head());
    CHECK_FALSE(Head(1279, 1).has_head());
}

TEST_CASE("device logits: on, every row has the logits that the host has") {
    const int vocabulary_size = test_model().model->vocabulary_size();
    Context on(test_model().model, with_head(DeviceLogits::on), [] { return false; });
    Context off(test_model().model, with_head(DeviceLogits::off), [] { return false; });
    CHECK(on.device_features().device_logits);
    CHECK_FALSE(off.device_features().device_logits);
    Sequence here(on), there(off);
    for (const int rows : {1, 2, 33, 64}) {
        Batch batch = chain(here, rows), same_batch = chain(there, rows);
        REQUIRE(on.decode(batch) == DecodeStatus::done);
        REQUIRE(off.decode(same_batch) == DecodeStatus::done);
        const LogitsRead before = on.logits().fetched();
        for (int row = 0; row < rows; ++row) {
            CHECK(same(on.logits().best(row), off.logits().best(row)));
            CHECK_FALSE(on.logits().is_spoilt(row));
        }
        CHECK((on.logits().fetched() - before).whole_rows == 0);
        const LogitsRead read = on.logits().read_beforehand(rows);
        CHECK(read.bytes == rows * (5 * (256 + 1)) * 4);
        CHECK(read.whole_rows == 0);
        for (int row = 0; row < rows; ++row)
            for (int again = 0; again < 2; ++again)
                CHECK(std::equal(on.logits().whole(row), on.logits().whole(row) + vocabulary_size,
                                 off.logits().whole(row)));
        const LogitsRead fetched = on.logits().fetched() - before;
        CHECK(fetched.whole_rows == rows);
        CHECK(fetched.bytes == rows * vocabulary_size * 4);
        CHECK(off.logits().read_beforehand(rows).bytes == fetched.bytes);
        CHECK(off.logits().fetched().bytes == 0);
        llama_memory_seq_rm(on.cache(), here.id(), -1, -1);
        llama_memory_seq_rm(off.cache(), there.id(), -1, -1);
    }
    CHECK_THROWS_AS(on.logits().best(64), Error);
}

TEST_CASE("device logits: rows that several micro batches compute are read from host memory") {
    Context on(test_model().model, with_head(DeviceLogits::on, 32), [] { return false; });
    Context off(test_model().model, with_head(DeviceLogits::off, 32), [] { return false; });
    Sequence here(on), there(off);
    for (const int rows : {20, 40, 60, 32}) {
        Batch batch = chain(here, rows), same_batch = chain(there, rows);
        REQUIRE(on.decode(batch) == DecodeStatus::done);
        REQUIRE(off.decode(same_batch) == DecodeStatus::done);
        CHECK(on.logits().has_best() == (rows <= 32));
        for (int row = 0; row < rows; ++row) CHECK(same(on.logits().best(row), off.logits().best(row)));
        llama_memory_seq_rm(on.cache(), here.id(), -1, -1);
        llama_memory_seq_rm(off.cache(), there.id(), -1, -1);
    }
}

TEST_CASE("device logits: an output in an earlier micro batch than the last is not lost") {
    Context on(test_model().model, with_head(DeviceLogits::on, 32), [] { return false; });
    Context off(test_model().model, with_head(DeviceLogits::off, 32), [] { return false; });
    Sequence here(on), there(off);
    const auto batch = [](const Sequence & sequence) {
        Batch batch;
        const llama_seq_id id = sequence.id();
        for (int i = 0; i < 60; ++i) batch.add(100 + i, i, std::span(&id, 1), i == 5);
        return batch;
    };
    Batch one = batch(here), other = batch(there);
    REQUIRE(on.decode(one) == DecodeStatus::done);
    REQUIRE(off.decode(other) == DecodeStatus::done);
    CHECK(same(on.logits().best(5), off.logits().best(5)));
}

TEST_CASE("device logits: 'auto' leaves them in host memory where the CPU computes them") {
    const Context context(test_model().model, with_head(DeviceLogits::automatic), [] { return false; });
    CHECK_FALSE(context.device_features().device_logits);
}
