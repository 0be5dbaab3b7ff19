#include "device/cuda_text.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "device/cuda_memory.h"
#include "device/cuda_presence.h"
#include "device/segment_merge.h"
#include "device/segment_walk.h"

namespace reprise::device {

namespace {

using namespace matching;

/// From so many contexts on one walk through the text serves all. A walk that looks for one last token alone
/// does less at each token.
constexpr size_t fewest_together = 2;
/// So many tokens travel as the argument of a kernel.
constexpr size_t max_passed = 64;

struct CudaBlock {
    template <typename Call> __device__ void each_lane(const Call & call) const {
        call(static_cast<int>(threadIdx.x));
        __syncthreads();
    }
    __device__ uint32_t set_bits(uint32_t & number, uint32_t bits) const { return atomicOr(&number, bits); }
    __device__ uint32_t clear_bits(uint32_t & number, uint32_t bits) const {
        return atomicAnd(&number, ~bits);
    }
    __device__ int32_t subtract(int32_t & number, int32_t count) const { return atomicSub(&number, count); }
    __device__ int32_t lower(int32_t & number, int32_t limit) const { return atomicMin(&number, limit); }
    __device__ int32_t exchange(int32_t & number, int32_t from, int32_t to) const {
        return atomicCAS(&number, from, to);
    }
};

template <bool many> __global__ void __launch_bounds__(lanes) walk_segments(Search search) {
    __shared__ Segment<many> segment;
    CudaBlock block;
    const int lane = static_cast<int>(threadIdx.x);
    const int first_context = static_cast<int>(blockIdx.y) * (many ? max_contexts : 1);
    const int contexts = many ? min(max_contexts, search.contexts - first_context) : 1;
    SegmentWalk<CudaBlock, many> walk(block, search, segment, static_cast<int>(blockIdx.x), first_context,
                                      contexts);
    const auto * const text = reinterpret_cast<const int4 *>(search.text.tokens);
    const auto load = [&](int32_t tile_index, int4(&tokens)[loads]) {
        for (int i = 0; i < loads; ++i)
            tokens[i] = text[static_cast<int64_t>(tile_index) * (tile / 4) + i * lanes + lane];
    };
    const int32_t first = walk.first_tile();
    // The next tile comes while this one is looked at.
    int4 tokens[loads], next[loads];
    load(walk.end_tile() - 1, next);
    for (int32_t at = walk.end_tile() - 1; at >= first; --at) {
        for (int i = 0; i < loads; ++i) tokens[i] = next[i];
        if (at > first) load(at - 1, next);
        const int32_t begin = at * tile;
        bool marked = false;
        for (int i = 0; i < loads; ++i) {
            const int32_t place = begin + 4 * (i * lanes + lane);
            marked |= walk.look_at(tokens[i].x, place, begin);
            marked |= walk.look_at(tokens[i].y, place + 1, begin);
            marked |= walk.look_at(tokens[i].z, place + 2, begin);
            marked |= walk.look_at(tokens[i].w, place + 3, begin);
        }
        if (!__syncthreads_or(marked)) continue;
        walk.keep_marked(begin);
        if (!__syncthreads_or(walk.is_open(lane))) break;
    }
    walk.end();
}

__global__ void __launch_bounds__(lanes) merge_segments(Search search, Found * found) {
    __shared__ Merge memory;
    CudaBlock block;
    const int context = static_cast<int>(blockIdx.x);
    merge(block, search, memory, context, found[context]);
}

struct Passed {
    int32_t tokens[max_passed];
};

__global__ void append_tokens(int32_t * end, Passed passed, int count) {
    const int lane = static_cast<int>(threadIdx.x);
    if (lane < count) end[lane] = passed.tokens[lane];
}

/// What all texts of a device search with, one search at a time.
struct Workspace {
    explicit Workspace(int device) : device(device), current(device) {
        blocks_for_one = blocks_at_once(walk_segments<false>);
        blocks_for_many = blocks_at_once(walk_segments<true>);
        stream.emplace();
        current.reset();
    }

    const int device;
    std::optional<CurrentDevice> current; ///< While the rest is made.
    int blocks_for_one = 1;               ///< So many walks for one context run at once.
    int blocks_for_many = 1;
    std::optional<CudaStream> stream;
    std::mutex mutex;
    DeviceBuffer<Query> queries;
    PinnedBuffer<Query> queries_on_host;
    DeviceBuffer<uint64_t> counts;
    DeviceBuffer<Place> places;
    PinnedBuffer<Found> found; ///< The device writes here.

private:
    int blocks_at_once(void (*kernel)(Search)) const {
        int processors = 0, blocks_of_each = 0;
        require_success(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device),
                        "tell the number of multiprocessors");
        require_success(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks_of_each, kernel, lanes, 0),
                        "tell how many blocks a multiprocessor takes");
        return std::max(1, processors * blocks_of_each);
    }
};

class CudaText final : public draft::DeviceText {
public:
    explicit CudaText(std::shared_ptr<Workspace> workspace) : workspace_(std::move(workspace)) {}

    std::unique_ptr<DeviceText> copy() const override {
        const CurrentDevice current(workspace_->device);
        auto text = std::make_unique<CudaText>(workspace_);
        text->tokens_ = moved(0, tokens_.capacity());
        text->window_ = window_;
        return text;
    }

    void append(const draft::Token * tokens, size_t count) override {
        if (count > static_cast<size_t>(INT32_MAX - window_.end))
            throw DeviceFailure("A text on a device holds at most 2^31 - 1 tokens", false);
        const CurrentDevice current(workspace_->device);
        const size_t size = window_.end + count;
        if (size > tokens_.capacity()) tokens_ = moved(0, std::max(2 * tokens_.capacity(), size));
        int32_t * const end = tokens_.data() + window_.end;
        if (count <= max_passed) {
            Passed passed{};
            std::copy_n(tokens, count, passed.tokens);
            append_tokens<<<1, max_passed, 0, workspace_->stream->get()>>>(end, passed,
                                                                           static_cast<int>(count));
            require_launched("append_tokens");
        } else {
            require_success(cudaMemcpyAsync(end, tokens, count * sizeof *tokens, cudaMemcpyHostToDevice,
                                            workspace_->stream->get()),
                            "copy a text to the device");
            // The caller may give the tokens' memory back.
            workspace_->stream->synchronize();
        }
        window_.end = static_cast<int32_t>(size);
    }

    void truncate(size_t length) override {
        if (length < window_.length()) window_.end = window_.first + static_cast<int32_t>(length);
    }

    void evict(size_t count) override {
        Window window = window_;
        if (const int32_t gone = window.evict(count); gone > 0) {
            const CurrentDevice current(workspace_->device);
            tokens_ = moved(gone, window.end);
        }
        window_ = window;
    }

    size_t length() const override { return window_.length(); }

    void search(const draft::MatchContext * contexts, size_t count, int per_level,
                std::vector<draft::Match> * found) const override {
        for (size_t i = 0; i < count; ++i) found[i].clear();
        if (count == 0 || window_.length() == 0) return;
        Workspace & with = *workspace_;
        const std::lock_guard<std::mutex> lock(with.mutex);
        const CurrentDevice current(with.device);
        Search search{};
        search.text = {tokens_.data(), window_.first, window_.end};
        search.contexts = static_cast<int32_t>(count);
        search.per_level = std::min(per_level, max_per_level);
        const bool together = count >= fewest_together;
        const size_t walks = together ? (count + max_contexts - 1) / max_contexts : count;
        const int blocks = together ? with.blocks_for_many : with.blocks_for_one;
        cut(search, std::max(1, blocks / static_cast<int>(walks)));
        const size_t parts = count * search.segments;
        with.counts.reserve(parts);
        with.places.reserve(parts * levels * search.per_level);
        with.queries.reserve(count);
        with.queries_on_host.reserve(count);
        with.found.reserve(count);
        search.queries = with.queries.data();
        search.counts = with.counts.data();
        search.places = with.places.data();

        for (size_t i = 0; i < count; ++i) with.queries_on_host.data()[i] = query_of(contexts[i]);
        require_success(cudaMemcpyAsync(with.queries.data(), with.queries_on_host.data(),
                                        count * sizeof(Query), cudaMemcpyHostToDevice, with.stream->get()),
                        "copy contexts to the device");
        const dim3 grid(search.segments, static_cast<unsigned>(walks));
        if (together)
            walk_segments<true><<<grid, lanes, 0, with.stream->get()>>>(search);
        else
            walk_segments<false><<<grid, lanes, 0, with.stream->get()>>>(search);
        require_launched("walk_segments");
        merge_segments<<<static_cast<unsigned>(count), lanes, 0, with.stream->get()>>>(search,
                                                                                       with.found.data());
        require_launched("merge_segments");
        with.stream->synchronize();
        for (size_t i = 0; i < count; ++i) copy_matches(with.found.data()[i], window_, found[i]);
    }

private:
    /// The tokens from `from` on, in new memory for `size` tokens at least. Tiles are loaded whole.
    DeviceBuffer<int32_t> moved(int32_t from, size_t size) const {
        DeviceBuffer<int32_t> tokens;
        tokens.reserve((size + tile - 1) / tile * tile);
        if (window_.end > from)
            require_success(cudaMemcpyAsync(tokens.data(), tokens_.data() + from,
                                            (window_.end - from) * sizeof(int32_t), cudaMemcpyDeviceToDevice,
                                            workspace_->stream->get()),
                            "move a text on the device");
        workspace_->stream->synchronize();
        return tokens;
    }

    const std::shared_ptr<Workspace> workspace_;
    DeviceBuffer<int32_t> tokens_;
    Window window_;
};

class CudaTextDevice final : public draft::TextDevice {
public:
    explicit CudaTextDevice(int device) : workspace_(std::make_shared<Workspace>(device)) {}
    std::unique_ptr<draft::DeviceText> make_text() override { return std::make_unique<CudaText>(workspace_); }

private:
    const std::shared_ptr<Workspace> workspace_;
};

} // namespace

std::shared_ptr<draft::TextDevice> cuda_text_device(const std::string & pci_address) {
    if (cuda_presence().devices == 0) throw DeviceFailure("CUDA's driver lists no device", false);
    int device = 0;
    if (!pci_address.empty() && cudaDeviceGetByPCIBusId(&device, pci_address.c_str()) != cudaSuccess) {
        cudaGetLastError(); // It may be a card that this process cannot see.
        device = 0;
    }
    return std::make_shared<CudaTextDevice>(device);
}

} // namespace reprise::device
