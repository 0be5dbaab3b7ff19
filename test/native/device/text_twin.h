#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "device/segment_merge.h"
#include "device/segment_walk.h"
#include "draft/device_text.h"

namespace reprise::device {

/// Does what a block of a kernel does, one lane after another.
struct TwinBlock {
    template <typename Call> void each_lane(const Call & call) const {
        for (int lane = 0; lane < matching::lanes; ++lane) call(lane);
    }
    template <typename Call> bool any_lane(const Call & call) const {
        bool any = false;
        for (int lane = 0; lane < matching::lanes; ++lane) any = call(lane) || any;
        return any;
    }
    template <typename Number, typename Call> Number change(Number & number, const Call & call) const {
        const Number before = number;
        number = call(before);
        return before;
    }
    uint32_t set_bits(uint32_t & number, uint32_t bits) const {
        return change(number, [&](uint32_t n) { return n | bits; });
    }
    uint32_t clear_bits(uint32_t & number, uint32_t bits) const {
        return change(number, [&](uint32_t n) { return n & ~bits; });
    }
    int32_t subtract(int32_t & number, int32_t count) const {
        return change(number, [&](int32_t n) { return n - count; });
    }
    int32_t lower(int32_t & number, int32_t limit) const {
        return change(number, [&](int32_t n) { return std::min(n, limit); });
    }
    int32_t exchange(int32_t & number, int32_t from, int32_t to) const {
        return change(number, [&](int32_t n) { return n == from ? to : n; });
    }
};

/// The twin of CudaText: a text in the host's memory, searched by the kernels' code in the order of the grid.
class TextTwin final : public draft::DeviceText {
public:
    /// So many blocks share a text. From `fewest_together` contexts on one walk serves all.
    explicit TextTwin(int32_t blocks = 8, size_t fewest_together = 2)
        : blocks_(blocks), fewest_together_(fewest_together) {}

    std::unique_ptr<DeviceText> copy() const override { return std::make_unique<TextTwin>(*this); }
    void append(const draft::Token * tokens, size_t count) override {
        tokens_.resize(window_.end);
        tokens_.insert(tokens_.end(), tokens, tokens + count);
        window_.end += static_cast<int32_t>(count);
    }
    void truncate(size_t length) override {
        if (length < window_.length()) window_.end = window_.first + static_cast<int32_t>(length);
    }
    void evict(size_t count) override {
        const int32_t gone = window_.evict(count);
        tokens_.erase(tokens_.begin(), tokens_.begin() + gone);
    }
    size_t length() const override { return window_.length(); }

    void search(const draft::MatchContext * contexts, size_t count, int per_level,
                std::vector<draft::Match> * found) const override {
        using namespace matching;
        for (size_t i = 0; i < count; ++i) found[i].clear();
        if (count == 0 || window_.length() == 0) return;
        std::vector<Query> queries;
        for (size_t i = 0; i < count; ++i) queries.push_back(query_of(contexts[i]));
        Search search{};
        search.text = {tokens_.data(), window_.first, window_.end};
        search.queries = queries.data();
        search.contexts = static_cast<int32_t>(count);
        search.per_level = per_level;
        cut(search, blocks_);
        // What no kernel has written says so.
        std::vector<uint64_t> counts(count * search.segments, ~uint64_t{0});
        std::vector<Place> places(count * search.segments * levels * per_level, {-7, -7});
        search.counts = counts.data();
        search.places = places.data();
        const bool together = count >= fewest_together_;
        const int each = together ? max_contexts : 1;
        for (int first = 0; first < static_cast<int>(count); first += each)
            for (int32_t segment = 0; segment < search.segments; ++segment) {
                const int contexts_of_walk = std::min(each, static_cast<int>(count) - first);
                if (together)
                    walk<true>(search, segment, first, contexts_of_walk);
                else
                    walk<false>(search, segment, first, contexts_of_walk);
            }
        for (int i = 0; i < static_cast<int>(count); ++i) {
            Merge memory;
            std::memset(&memory, 0xa5, sizeof memory);
            Found result{};
            TwinBlock block;
            merge(block, search, memory, i, result);
            copy_matches(result, window_, found[i]);
        }
    }

private:
    template <bool many>
    void walk(const matching::Search & search, int32_t index, int first_context, int contexts) const {
        using namespace matching;
        TwinBlock block;
        // What a block finds in its memory is what another left there.
        const auto segment = std::make_unique<Segment<many>>();
        std::memset(segment.get(), 0xa5, sizeof *segment);
        SegmentWalk<TwinBlock, many> walk(block, search, *segment, index, first_context, contexts);
        for (int32_t at = walk.end_tile() - 1; at >= walk.first_tile(); --at) {
            const int32_t begin = at * tile;
            const bool marked = block.any_lane([&](int lane) {
                bool any = false;
                for (int load = 0; load < loads; ++load)
                    for (int i = 0; i < 4; ++i) {
                        const int32_t place = begin + 4 * (load * lanes + lane) + i;
                        // The device's memory holds whole tiles.
                        if (place < search.text.end && walk.look_at(search.text.tokens[place], place, begin))
                            any = true;
                    }
                return any;
            });
            if (!marked) continue;
            walk.keep_marked(begin);
            if (!block.any_lane([&](int lane) { return walk.is_open(lane); })) break;
        }
        walk.end();
    }

    const int32_t blocks_;
    const size_t fewest_together_;
    std::vector<int32_t> tokens_;
    matching::Window window_;
};

/// The twin of a device that holds texts.
class TwinDevice final : public draft::TextDevice {
public:
    std::unique_ptr<draft::DeviceText> make_text() override { return std::make_unique<TextTwin>(); }
};

} // namespace reprise::device
