#include "engine/batch.h"

namespace reprise {

void Batch::add_image(const ImageChunk & chunk, int first, int count, llama_pos position,
                      llama_seq_id sequence) {
    embeddings_ = chunk.require_embeddings();
    first_embedding_ = embeddings_->size() / chunk.rows() * first;
    causal_ = chunk.causal();
    const auto rows = std::span(chunk.layout().rows).subspan(first, count);
    for (const RowPosition & row : rows) positions_.push_back(position + row.time);
    if (chunk.layout().has_axes) {
        for (const RowPosition & row : rows) positions_.push_back(position + row.y);
        for (const RowPosition & row : rows) positions_.push_back(position + row.x);
        positions_.resize(4 * rows.size(), 0);
    }
    add_silent_rows(count, sequence);
}

std::span<float> Batch::add_states(int count, int width, llama_pos position, llama_seq_id sequence,
                                   bool has_axes) {
    for (int axis = 0; axis < (has_axes ? 3 : 1); ++axis)
        for (int i = 0; i < count; ++i) positions_.push_back(position + i);
    if (has_axes) positions_.resize(4 * static_cast<size_t>(count), 0);
    add_silent_rows(count, sequence);
    return add_inputs(static_cast<size_t>(count) * width);
}

void Batch::add_silent_rows(int count, llama_seq_id sequence) {
    for (int i = 0; i < count; ++i) {
        outputs_.push_back(false);
        first_sequence_.push_back(sequences_.size());
        sequences_.push_back(sequence);
    }
}

} // namespace reprise
