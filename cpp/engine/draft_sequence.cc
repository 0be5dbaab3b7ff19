#include "engine/draft_sequence.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "engine/assertions.h"
#include "engine/stopwatch.h"
#include "engine/top_logits.h"

namespace reprise {

namespace {

/// e^x for x ≤ 0, to 4 %: as much as a probability's bucket needs (Schraudolph, "A Fast, Compact
/// Approximation of the Exponential Function", 1999). The compiler makes vectors of it.
float rough_exponential(float x) {
    constexpr float per_e = 12102203.f; // 2^23 / ln 2
    constexpr float one = 1064866805.f; // 127 · 2^23, less what makes its errors even out
    return std::bit_cast<float>(static_cast<int32_t>(per_e * std::max(x, -80.f) + one));
}

/// The exponentials of all logits above the highest, added up. One that is not a number counts as nothing.
float sum_of_exponentials(const float * logits, int count, float highest) {
    constexpr int lanes = 8;
    std::array<float, lanes> sums{};
    int i = 0;
    for (; i + lanes <= count; i += lanes)
        for (int lane = 0; lane < lanes; ++lane) {
            const float below = logits[i + lane] - highest;
            sums[lane] += rough_exponential(below <= 0 ? below : -80.f);
        }
    float sum = 0;
    for (; i < count; ++i) sum += rough_exponential(logits[i] <= highest ? logits[i] - highest : -80.f);
    for (const float one : sums) sum += one;
    return sum;
}

} // namespace

DraftSequence::DraftSequence(DraftContext & owner) : owner_(owner), sequence_(owner.context_) {
    if (owner.head_) {
        hidden_.emplace(owner.head_->target_width());
        if (owner.head_->block())
            block_.emplace();
        else
            head_states_.emplace(owner.head_->input_width());
    }
    owner_.sequences_.push_back(this);
}

DraftSequence::DraftSequence(const DraftSequence & parent)
    : owner_(parent.owner_), sequence_(parent.sequence_, parent.sequence_.length()),
      path_length_(parent.path_length_), hidden_(parent.hidden_), unchanged_(parent.unchanged_),
      block_(parent.block_), head_states_(parent.head_states_) {
    owner_.sequences_.push_back(this);
}

DraftSequence::~DraftSequence() {
    std::erase(owner_.sequences_, this);
}

void DraftSequence::begin(std::span<const Token> text) {
    text_.resize(text.size());
    std::ranges::transform(text, text_.begin(), [&](Token token) { return owner_.known(token); });
    or_give_up([&] {
        if (!hidden_) {
            sequence_.replace(text_);
        } else {
            // Cells of a path were computed from what the head itself made of it, so none of them is kept.
            const auto known = std::span(sequence_.history()).first(text_length());
            const auto differ = std::ranges::mismatch(known, text_);
            const int common = std::min(static_cast<int>(differ.in1 - known.begin()), unchanged_);
            unchanged_ = std::numeric_limits<int>::max();
            sequence_.replace_from(common, std::span(text_).subspan(common));
            if (block_)
                block_->forget();
            else
                head_states_->truncate(0);
        }
        path_length_ = 0;
    });
}

/// What a draft model fails at is no reason that the texts of others end, so it is not asked again. Who asked
/// is told.
template <typename Work> void DraftSequence::or_give_up(Work && work) {
    if (owner_.given_up_) return;
    try {
        work();
        return;
    } catch (const AssertionFailed & failed) {
        owner_.context_.give_up(failed.what());
        fault_.emplace(ErrorCode::decode_failed, failed.what());
    } catch (const Error & error) {
        fault_ = error;
    }
    owner_.given_up_ = true;
    candidates_.clear();
}

void DraftSequence::require_sound() {
    if (const auto fault = std::exchange(fault_, std::nullopt))
        throw Error(fault->code(),
                    std::string("The draft model failed, and is not asked any more: ") + fault->what());
}

double DraftSequence::single_milliseconds() const {
    const int rows = block_ ? owner_.head_->block()->rows : 1;
    return block_ && block_->is_known() ? 0 : owner_.cost_.steady_milliseconds(rows, sequence_.cached());
}

double DraftSequence::further_milliseconds() const {
    return block_ ? 0 : single_milliseconds();
}

int DraftSequence::shared_with(std::span<const Token> path) const {
    const auto known = std::span(sequence_.history()).last(path_length_);
    const auto differ =
        std::ranges::mismatch(known, path, {}, {}, [&](Token token) { return owner_.known(token); });
    return static_cast<int>(differ.in1 - known.begin());
}

std::optional<int> DraftSequence::rows_after(std::span<const Token> path) const {
    const int text = text_length();
    const int length = text + static_cast<int>(path.size());
    if (length > owner_.context_.options().context_length) return std::nullopt;
    if (hidden_ && !hidden_->has(text - 2)) return std::nullopt;
    if (block_) return rows_of_block(path);
    const int cached = hidden_ ? first_to_compute() : sequence_.cached();
    return length - std::min({cached, text + shared_with(path), length - 1});
}

/// What it says of a path is known once it was asked about the text alone.
std::optional<int> DraftSequence::rows_of_block(std::span<const Token> path) const {
    if (block_->is_known()) return block_->after(path) ? std::optional(0) : std::nullopt;
    const int rows = owner_.head_->block()->rows;
    if (!path.empty() || text_length() + rows > owner_.context_.options().context_length) return std::nullopt;
    return text_length() - 1 - first_to_compute() + rows;
}

double DraftSequence::milliseconds(std::span<const Token> path) {
    const auto rows = owner_.given_up_ ? std::nullopt : rows_after(path);
    if (!rows) return std::numeric_limits<double>::infinity();
    const draft::PassCost & cost = owner_.cost_;
    if (block_) {
        const int read = *rows - (block_->is_known() ? 0 : owner_.head_->block()->rows);
        return single_milliseconds() +
               (read > 0 ? owner_.reading_cost_.steady_milliseconds(read, sequence_.cached()) : 0);
    }
    if (!hidden_) return cost.milliseconds(*rows, sequence_.cached());
    // Of a path, each row needs what the one before gave.
    const int single = std::min(*rows, static_cast<int>(path.size()));
    const int text = *rows - single;
    return single * single_milliseconds() + (text > 0 ? cost.milliseconds(text, sequence_.cached()) : 0);
}

void DraftSequence::go_to(std::span<const Token> path) {
    const int shared = shared_with(path);
    new_.resize(path.size() - shared);
    std::ranges::transform(path.subspan(shared), new_.begin(),
                           [&](Token token) { return owner_.known(token); });
    sequence_.replace_from(text_length() + shared, new_);
    path_length_ = static_cast<int>(path.size());
    if (head_states_) head_states_->truncate(sequence_.cached());
}

std::span<const draft::DraftModel::Candidate> DraftSequence::ask(std::span<const Token> path) {
    candidates_.clear();
    if (!rows_after(path)) return candidates_;
    if (!block_ || !block_->is_known()) {
        const Stopwatch watch;
        or_give_up([&] {
            if (block_) return compute_block();
            go_to(path);
            if (compute()) candidates_ = best_of(owner_.batch_.size() - 1);
        });
        ++asked_.times;
        asked_.milliseconds += watch.milliseconds();
    }
    return block_ ? block_->after(path).value_or(candidates_) : candidates_;
}

void DraftSequence::compute_block() {
    block_->set({}); // also where it is aborted
    if (!compute_text(text_length() - 1)) return;
    hidden_->drop_before(text_length() - 2);
    if (!owner_.compute_block(*this)) return;
    const BlockLayout & layout = *owner_.head_->block();
    std::vector<DraftBlock::Candidates> places;
    for (int row = layout.first_said; row < layout.rows; ++row) {
        DraftBlock::Candidates best = best_of(row);
        if (best.empty()) break;
        places.push_back(std::move(best));
    }
    block_->set(std::move(places));
}

bool DraftSequence::compute() {
    if (hidden_ && !compute_text(text_length())) return false;
    const int at_once = hidden_ ? 1 : owner_.context_.options().batch_size;
    while (sequence_.pending() > 0) {
        if (!owner_.compute(*this, std::min(sequence_.pending(), at_once))) return false;
        if (hidden_) keep_head_state();
    }
    return true;
}

std::vector<draft::DraftModel::Candidate> DraftSequence::best_of(int row) {
    std::vector<Candidate> best;
    const int count = owner_.context_.model().vocabulary_size();
    const float * const logits = owner_.context_.logits().whole(row);
    const TopLogits top = top_logits(logits, count);
    if (!std::isfinite(top.front().logit)) {
        owner_.note_spoilt();
        return best;
    }
    owner_.is_spoilt_ = false;
    const float highest = top.front().logit;
    const float sum = sum_of_exponentials(logits, count, highest);
    for (const draft::RankedToken & one : top)
        if (one.logit > -std::numeric_limits<float>::infinity() && one.token < owner_.target_vocabulary_size_)
            best.push_back({one.token, rough_exponential(one.logit - highest) / sum});
    return best;
}

void DraftSequence::take_hidden_row(int index, int row) {
    owner_.head_->read_target(row, hidden_->put(index));
}

void DraftSequence::catch_up(std::span<const Token> text) {
    if (hidden_->size() <= owner_.context_.options().micro_batch_size) return;
    begin(text);
    or_give_up([&] {
        if (compute_text(std::min(hidden_->end() + owner_.head_->lag(), text_length() - 1)))
            hidden_->drop_before(sequence_.cached() - 1);
    });
}

int DraftSequence::first_to_compute() const {
    const int next = std::max(sequence_.cached(), owner_.head_->first_row());
    // Where the state of the token before is missing, zeros stand for it; where more are, it begins behind
    // them.
    return hidden_->begin() <= next ? next : hidden_->begin() + owner_.head_->lag();
}

bool DraftSequence::compute_text(int length) {
    if (sequence_.cached() >= length) return true;
    const int first = first_to_compute();
    if (first > sequence_.cached()) {
        sequence_.clear_cache(); // llama.cpp wants rows to follow each other.
        sequence_.mark_cached(first);
    }
    while (sequence_.cached() < length) {
        const int left = length - sequence_.cached();
        const int at_once = owner_.context_.options().batch_size;
        const bool is_end = length == text_length() && left <= owner_.context_.max_outputs();
        const int before_end = length == text_length() ? left - 1 : left;
        if (!owner_.compute(*this, is_end ? left : std::min(before_end, at_once))) return false;
    }
    if (length == text_length()) {
        keep_head_state();
        hidden_->drop_before(length - 2);
    }
    return true;
}

bool DraftSequence::wants_outputs(int rows) const {
    return sequence_.cached() + rows >= text_length() && rows <= owner_.context_.max_outputs();
}

void DraftSequence::keep_head_state() {
    std::ranges::copy(owner_.head_->own_state(owner_.batch_.size() - 1),
                      head_states_->put(sequence_.cached() - 1).begin());
}

bool DraftSequence::make_inputs(int rows, std::span<float> inputs) {
    const int first = sequence_.cached();
    if (first >= text_length()) {
        std::ranges::copy(head_states_->at(first - 1), inputs.begin());
        return true;
    }
    // No token is before the first; nothing is known of one before which the text was cut.
    const int unknown = hidden_->has(first - 1) ? 0 : 1;
    const auto width = static_cast<size_t>(owner_.context_.input_width());
    return owner_.head_->make_inputs(hidden_->rows(first + unknown - 1, rows - unknown),
                                     inputs.subspan(unknown * width));
}

} // namespace reprise
