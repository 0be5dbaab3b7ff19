#pragma once

#include <span>
#include <vector>

#include "llama.h"

#include "draft/token.h"

namespace reprise {

/// The rows of one llama_decode call. A row may belong to several sequences (a tree node belongs to
/// every leaf below it); llama.cpp masks by the first.
class Batch {
public:
    void clear() {
        tokens_.clear();
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

    int size() const { return static_cast<int>(tokens_.size()); }

    /// The batch for llama_decode, valid until the next `add` or `clear`.
    llama_batch view() {
        sequence_counts_.resize(tokens_.size());
        sequence_starts_.resize(tokens_.size());
        for (size_t i = 0; i < tokens_.size(); ++i) {
            const size_t end = i + 1 < tokens_.size() ? first_sequence_[i + 1] : sequences_.size();
            sequence_counts_[i] = static_cast<int32_t>(end - first_sequence_[i]);
            sequence_starts_[i] = sequences_.data() + first_sequence_[i];
        }
        return {size(),
                tokens_.data(),
                nullptr,
                positions_.data(),
                sequence_counts_.data(),
                sequence_starts_.data(),
                outputs_.data()};
    }

private:
    std::vector<llama_token> tokens_;
    std::vector<llama_pos> positions_;
    std::vector<int8_t> outputs_;
    std::vector<llama_seq_id> sequences_;
    std::vector<size_t> first_sequence_; ///< where in `sequences_` each row's ids begin
    std::vector<int32_t> sequence_counts_;
    std::vector<llama_seq_id *> sequence_starts_;
};

} // namespace reprise
