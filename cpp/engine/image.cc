#include "engine/image.h"

#include <algorithm>
#include <limits>

#include "engine/error.h"

namespace reprise {

namespace {
bool is_same(const ImageChunk::Layout & a, const ImageChunk::Layout & b) {
    const auto same_row = [](const RowPosition & one, const RowPosition & other) {
        return one.time == other.time && one.y == other.y && one.x == other.x;
    };
    return a.positions == b.positions && a.causal == b.causal && a.has_axes == b.has_axes &&
           std::ranges::equal(a.rows, b.rows, same_row);
}
} // namespace

std::shared_ptr<const std::vector<float>> ImageChunk::require_embeddings() const {
    auto present = embeddings();
    if (present) return present;
    throw Error(ErrorCode::image_invalid,
                "An image of the history has to be computed again, and is not at hand, since a saved state "
                "holds no images: read it with model.readImage, or pass the chat the messages that have it");
}

std::shared_ptr<ImageChunk> ImageChunks::obtain(const ImageChunk::Identity & identity,
                                                ImageChunk::Layout layout) {
    const std::lock_guard lock(mutex_);
    if (const auto known = by_identity_.find(identity); known != by_identity_.end()) {
        if (auto chunk = by_first_.at(known->second).chunk.lock()) {
            if (is_same(chunk->layout(), layout)) return chunk;
            throw Error(ErrorCode::image_invalid, "The image is known with other rows; load the model again");
        }
        by_first_.erase(known->second);
        by_identity_.erase(known);
    }
    if (by_first_.size() >= gone_at_) forget_gone();
    const auto rows = static_cast<Token>(layout.rows.size());
    if (next_ < std::numeric_limits<Token>::min() + rows)
        throw Error(ErrorCode::image_invalid,
                    "The model has read as many images as it can tell apart; load it again");
    auto chunk = std::make_shared<ImageChunk>(identity, std::move(layout), next_);
    by_first_.emplace(next_, Entry{identity, chunk});
    by_identity_.emplace(identity, next_);
    next_ -= rows;
    return chunk;
}

std::shared_ptr<ImageChunk> ImageChunks::of(Token row) const {
    const std::lock_guard lock(mutex_);
    const auto entry = by_first_.lower_bound(row); // Ids go down, so the first row's is the highest.
    if (entry == by_first_.end()) return nullptr;
    auto chunk = entry->second.chunk.lock();
    return chunk && row > chunk->first() - chunk->rows() ? chunk : nullptr;
}

void ImageChunks::forget_gone() {
    for (auto entry = by_first_.begin(); entry != by_first_.end();) {
        if (!entry->second.chunk.expired()) {
            ++entry;
            continue;
        }
        by_identity_.erase(entry->second.identity);
        entry = by_first_.erase(entry);
    }
    gone_at_ = std::max<size_t>(64, 2 * by_first_.size());
}

} // namespace reprise
