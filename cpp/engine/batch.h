#pragma once

#include <memory>
#include <span>
#include <vector>

#include "llama.h"

#include "draft/token.h"
#include "engine/image.h"

namespace reprise {

/// The rows of one llama_decode call: tokens, rows of one image, or hidden states that a draft head reads. A
/// row may belong to several sequences (a tree node belongs to every leaf below it); llama.cpp masks by the
/// first.
class Batch {
public:
    void clear() {
        tokens_.clear();
        embeddings_.reset();
        inputs_.clear();
        causal_ = true;
        positions_.clear();
        outputs_.clear();
        sequences_.clear();
        first_sequence_.clear();
    }

    /// Adds a row, whose logits are computed where `output`. Returns its index.
    int add(draft::Token token, llama_pos position, std::span<const llama_seq_id> sequences, bool output) {
        tokens_.push_back(token);
        positions_.push_back(position);
        outputs_.push_back(output);
        first_sequence_.push_back(sequences_.size());
        sequences_.insert(sequences_.end(), sequences.begin(), sequences.end());
        return size() - 1;
    }

    /// Room for `count` numbers that rows have beside their tokens, in their order, as those of a draft head
    /// do. Zeros.
    std::span<float> add_inputs(size_t count) {
        inputs_.resize(inputs_.size() + count);
        return std::span(inputs_).last(count);
    }

    /// Adds `count` rows that are hidden states in place of tokens, from `position` on, to a batch that is
    /// empty. Returns room for their numbers, `width` of each. `has_axes`: the model's positions have four
    /// numbers.
    std::span<float> add_states(int count, int width, llama_pos position, llama_seq_id sequence,
                                bool has_axes);

    /// Adds `count` rows of an image to a batch that is empty; `position` is the chunk's first. Throws Error
    /// IMAGE_INVALID where it has no embeddings.
    void add_image(const ImageChunk & chunk, int first, int count, llama_pos position, llama_seq_id sequence);

    int size() const { return static_cast<int>(first_sequence_.size()); }
    /// Whether rows see those before them alone.
    bool causal() const { return causal_; }

    /// The batch for llama_decode, valid until the next `add` or `clear`.
    llama_batch view() {
        const float * const embeddings = embeddings_       ? embeddings_->data() + first_embedding_
                                         : inputs_.empty() ? nullptr
                                                           : inputs_.data();
        const size_t rows = first_sequence_.size();
        sequence_counts_.resize(rows);
        sequence_starts_.resize(rows);
        for (size_t i = 0; i < rows; ++i) {
            const size_t end = i + 1 < rows ? first_sequence_[i + 1] : sequences_.size();
            sequence_counts_[i] = static_cast<int32_t>(end - first_sequence_[i]);
            sequence_starts_[i] = sequences_.data() + first_sequence_[i];
        }
        return {static_cast<int32_t>(rows),
                tokens_.empty() ? nullptr : tokens_.data(),
                const_cast<float *>(embeddings), // llama.cpp reads it
                positions_.data(),
                sequence_counts_.data(),
                sequence_starts_.data(),
                outputs_.data()};
    }

private:
    /// Rows of one sequence whose logits are not computed.
    void add_silent_rows(int count, llama_seq_id sequence);

    std::vector<llama_token> tokens_;
    std::shared_ptr<const std::vector<float>> embeddings_; ///< an image's, in place of tokens
    std::vector<float> inputs_;  ///< of a draft head, beside the tokens or in their place
    size_t first_embedding_ = 0; ///< where in them the first row begins
    bool causal_ = true;
    std::vector<llama_pos> positions_; ///< of rows with axes: all times, then y, x, and zeros
    std::vector<int8_t> outputs_;
    std::vector<llama_seq_id> sequences_;
    std::vector<size_t> first_sequence_; ///< where in `sequences_` each row's ids begin
    std::vector<int32_t> sequence_counts_;
    std::vector<llama_seq_id *> sequence_starts_;
};

} // namespace reprise
