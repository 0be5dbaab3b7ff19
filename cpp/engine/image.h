#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "llama.h"

#include "draft/token.h"

namespace reprise {

using draft::Token;

/// Where one row of an image stands, relative to the chunk's first position. Models whose positions have one
/// part alone (all but those with M-RoPE) take the first.
struct RowPosition {
    llama_pos time;
    llama_pos y;
    llama_pos x;
};

/// A stretch of rows that a model reads in place of tokens: an image, or one tile of it (llama.cpp's image
/// chunk). Each row has an id of its own, below `draft::separator`, which stands for it in a history, so that
/// what two histories share shows in their ids. Ids are a process's own: a saved state keeps `Identity`.
class ImageChunk {
public:
    /// What tells a chunk from all others, whichever process makes it.
    struct Identity {
        std::string image; ///< of the file's bytes, the projector and how it is used
        int index = 0;     ///< the chunk's place in the image
        bool operator<(const Identity & other) const {
            return image != other.image ? image < other.image : index < other.index;
        }
    };

    struct Layout {
        int positions = 0;     ///< so far the positions go on behind it
        bool causal = true;    ///< else its rows see each other, and are computed at once
        bool has_axes = false; ///< M-RoPE: rows have positions of three parts
        std::vector<RowPosition> rows;
    };

    ImageChunk(Identity identity, Layout layout, Token first)
        : identity_(std::move(identity)), layout_(std::move(layout)), first_(first) {}

    const Identity & identity() const { return identity_; }
    const Layout & layout() const { return layout_; }
    int rows() const { return static_cast<int>(layout_.rows.size()); }
    int positions() const { return layout_.positions; }
    bool causal() const { return layout_.causal; }
    Token id_of(int row) const { return first_ - row; }
    Token first() const { return first_; }

    /// The rows' embeddings, one after another; a null pointer where the image was not encoded in this
    /// process, as after a saved state was loaded.
    std::shared_ptr<const std::vector<float>> embeddings() const {
        const std::lock_guard lock(mutex_);
        return embeddings_;
    }
    /// The same; throws Error IMAGE_INVALID where it would be a null pointer.
    std::shared_ptr<const std::vector<float>> require_embeddings() const;
    void set_embeddings(std::vector<float> embeddings) {
        const std::lock_guard lock(mutex_);
        embeddings_ = std::make_shared<const std::vector<float>>(std::move(embeddings));
    }

private:
    Identity identity_;
    Layout layout_;
    Token first_;
    mutable std::mutex mutex_;
    std::shared_ptr<const std::vector<float>> embeddings_;
};

/// An image as a model reads it. It keeps its rows' ids valid.
struct Image {
    std::string id; ///< that of its chunks' identities
    std::vector<Token>
        tokens; ///< the tokens that stand around the chunks and between them, and the rows' ids
    std::vector<std::shared_ptr<ImageChunk>> chunks;
    double encode_ms = 0; ///< 0 where it was encoded before
};

/// The chunks of one model's histories, by the ids of their rows. It does not keep them. Any thread may use
/// it.
class ImageChunks {
public:
    /// The chunk of that identity: one that is there, or a new one without embeddings. Throws Error
    /// IMAGE_INVALID where ids have run out, or where the one that is there has another layout.
    std::shared_ptr<ImageChunk> obtain(const ImageChunk::Identity & identity, ImageChunk::Layout layout);
    /// The chunk that has a row of that id; a null pointer where it is gone.
    std::shared_ptr<ImageChunk> of(Token row) const;

private:
    struct Entry {
        ImageChunk::Identity identity;
        std::weak_ptr<ImageChunk> chunk;
    };

    void forget_gone();

    mutable std::mutex mutex_;
    std::map<Token, Entry> by_first_; ///< in the order of their first rows' ids
    std::map<ImageChunk::Identity, Token> by_identity_;
    Token next_ = draft::separator - 1;
    size_t gone_at_ = 64; ///< When it has so many entries, those that are gone are looked for.
};

} // namespace reprise
