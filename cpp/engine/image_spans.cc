#include "engine/image_spans.h"

#include <algorithm>

#include "engine/error.h"

namespace reprise {

ImageSpans::ImageSpans(std::span<const Token> history, const ImageChunks & chunks) {
    for (size_t i = 0; i < history.size();) {
        if (!is_image_row(history[i])) {
            ++i;
            continue;
        }
        auto chunk = chunks.of(history[i]);
        if (!chunk)
            throw Error(ErrorCode::option_invalid,
                        "Expected the tokens of an image that is still in use for prompt but received " +
                            std::to_string(history[i]) + "; read the image again with model.readImage");
        const size_t rows = chunk->rows();
        bool whole = history.size() - i >= rows;
        for (size_t row = 0; whole && row < rows; ++row)
            whole = history[i + row] == chunk->id_of(static_cast<int>(row));
        if (!whole)
            throw Error(ErrorCode::option_invalid,
                        "Expected all " + std::to_string(rows) +
                            " tokens of an image one after another for prompt but received some of them");
        spans_.push_back({static_cast<int>(i), 0, std::move(chunk)});
        i += rows;
    }
    count_positions();
}

void ImageSpans::count_positions() {
    int index = 0;
    int position = 0;
    for (Span & span : spans_) {
        position += span.begin - index;
        span.positions_before = position;
        position += span.chunk->positions();
        index = span.end();
    }
}

llama_pos ImageSpans::position(int index) const {
    const auto after = std::upper_bound(spans_.begin(), spans_.end(), index,
                                        [](int at, const Span & span) { return at < span.begin; });
    if (after == spans_.begin()) return index;
    const Span & span = *std::prev(after);
    if (index < span.end()) return span.positions_before + span.chunk->layout().rows[index - span.begin].time;
    return span.positions_before + span.chunk->positions() + index - span.end();
}

llama_pos ImageSpans::highest_position(int length) const {
    if (length == 0) return -1;
    const Span * const span = at(length - 1);
    if (!span) return position(length - 1);
    const auto & rows = span->chunk->layout().rows;
    llama_pos highest = 0;
    for (int row = 0; row < length - span->begin; ++row) highest = std::max(highest, rows[row].time);
    return span->positions_before + highest;
}

const ImageSpans::Span * ImageSpans::at(int index) const {
    const auto after = std::upper_bound(spans_.begin(), spans_.end(), index,
                                        [](int at, const Span & span) { return at < span.begin; });
    if (after == spans_.begin() || index >= std::prev(after)->end()) return nullptr;
    return &*std::prev(after);
}

int ImageSpans::outside(int length) const {
    const Span * const span = length > 0 ? at(length - 1) : nullptr;
    return span && span->end() > length ? span->begin : length;
}

int ImageSpans::next(int index, int length) const {
    const auto from = std::lower_bound(spans_.begin(), spans_.end(), index,
                                       [](const Span & span, int at) { return span.begin < at; });
    return from == spans_.end() ? length : std::min(from->begin, length);
}

void ImageSpans::require_computable(int micro_batch_size) const {
    for (const Span & span : spans_)
        if (!span.chunk->causal() && span.chunk->rows() > micro_batch_size)
            throw Error(ErrorCode::option_invalid, "Expected a microBatchSize of at least " +
                                                       std::to_string(span.chunk->rows()) + " but received " +
                                                       std::to_string(micro_batch_size) +
                                                       ": the model computes all rows of an image at once");
}

void ImageSpans::require_embeddings(int index) const {
    for (const Span & span : spans_)
        if (span.begin >= index) span.chunk->require_embeddings();
}

void ImageSpans::truncate(int length) {
    std::erase_if(spans_, [length](const Span & span) { return span.begin >= length; });
}

void ImageSpans::erase(int begin, int end) {
    std::erase_if(spans_, [=](const Span & span) { return span.begin >= begin && span.begin < end; });
    for (Span & span : spans_)
        if (span.begin >= end) span.begin -= end - begin;
    count_positions();
}

} // namespace reprise
