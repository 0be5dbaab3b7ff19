#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/image.h"

namespace reprise {

/// Where the images of a history are, and with that the position of each of its tokens: an image may have
/// fewer positions than rows.
class ImageSpans {
public:
    struct Span {
        int begin; ///< of the history, in tokens
        int positions_before;
        std::shared_ptr<ImageChunk> chunk;

        int end() const { return begin + chunk->rows(); }
    };

    ImageSpans() = default;
    /// Those of a whole history. Throws Error OPTION_INVALID where a row's image is gone, or where its rows
    /// are not all there in their order.
    ImageSpans(std::span<const Token> history, const ImageChunks & chunks);

    bool empty() const { return spans_.empty(); }
    const std::vector<Span> & all() const { return spans_; }
    /// The position of the token at `index`; of the history's length, of the token that comes next. Of an
    /// image's row, the part that counts for the order of cells.
    llama_pos position(int index) const;
    /// The highest position of the first `length` tokens; -1 where there are none.
    llama_pos highest_position(int length) const;
    /// The span that holds the token at `index`; a null pointer where that is text.
    const Span * at(int index) const;
    /// The place nearest before `length` that is not inside of an image.
    int outside(int length) const;
    /// Where the first image from `index` on begins; `length` where there is none before it.
    int next(int index, int length) const;

    /// Throws Error OPTION_INVALID where the rows of an image have to be computed at once, and are more than
    /// `micro_batch_size`.
    void require_computable(int micro_batch_size) const;
    /// Throws Error IMAGE_INVALID where an image from `index` on cannot be computed, since its embeddings are
    /// not there.
    void require_embeddings(int index) const;

    /// Forgets what comes after the first `length` tokens, which is no place inside of an image.
    void truncate(int length);
    /// Forgets what is between two places, neither inside of an image, and moves up what comes after.
    void erase(int begin, int end);

private:
    void count_positions();

    std::vector<Span> spans_;
};

/// Whether an id is a row's of an image.
inline bool is_image_row(Token token) {
    return token < draft::separator;
}

} // namespace reprise
