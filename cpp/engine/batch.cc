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
    for (int i = 0; i < count; ++i) {
        outputs_.push_back(false);
        first_sequence_.push_back(sequences_.size());
        sequences_.push_back(sequence);
    }
}

} // namespace reprise
