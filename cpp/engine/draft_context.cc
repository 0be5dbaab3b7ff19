#include "engine/draft_context.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "engine/assertions.h"
#include "engine/busy_time.h"
#include "engine/calibration.h"
#include "engine/error.h"
#include "engine/stopwatch.h"
#include "engine/suitability.h"
#include "engine/top_logits.h"

namespace reprise {

namespace {

/// As in llama.cpp (common/speculative.cpp): vocabularies of one family are padded to different sizes, and
/// their first tokens, which no text has, may be named differently.
constexpr int max_size_difference = 128;
constexpr int first_compared_token = 5;

[[noreturn]] void refuse(const std::string & reason) {
    throw Error(ErrorCode::option_invalid,
                "Expected a draft model of the model's vocabulary for draft.model but " + reason +
                    "; take a smaller model of the same family");
}

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

ContextOptions options_for(const Model & model, const ContextOptions & of_target) {
    ContextOptions options;
    const int positions = learnt_positions(model.handle());
    options.context_length =
        positions > 0 ? std::min(positions, of_target.context_length) : of_target.context_length;
    options.batch_size = of_target.batch_size;
    options.micro_batch_size = of_target.micro_batch_size;
    options.threads = std::min(of_target.draft_threads, of_target.threads);
    options.device_logits = DeviceLogits::off;
    options.max_sequences = of_target.max_sequences;
    options.max_outputs = 1;
    return options;
}

} // namespace

void require_draft_model(const Model & target, const Model & draft) {
    const std::string fault = draft.vocab_only() ? "" : generation_fault(draft.handle());
    if (!fault.empty()) throw Error(ErrorCode::model_invalid, "The draft model cannot generate: " + fault);
    if (has_states(draft.cache_kind()))
        throw Error(ErrorCode::model_invalid,
                    "The draft model has recurrent states, which cannot take drafts back; take one whose "
                    "layers are attention alone");
    if (llama_vocab_type(target.vocab()) != llama_vocab_type(draft.vocab()))
        refuse("received one of another kind");
    const int size = target.vocabulary_size();
    const int other = draft.vocabulary_size();
    if (std::abs(size - other) > max_size_difference)
        refuse("received one of " + std::to_string(other) + " tokens in place of " + std::to_string(size));
    for (Token token = first_compared_token; token < std::min(size, other); ++token) {
        const std::string text = llama_vocab_get_text(target.vocab(), token);
        const std::string other_text = llama_vocab_get_text(draft.vocab(), token);
        if (text != other_text)
            refuse("received one whose token " + std::to_string(token) + " is '" + other_text +
                   "' in place of '" + text + "'");
    }
}

DraftContext::DraftContext(const Context & target, std::function<bool()> should_abort)
    : context_(target.options().draft_model, options_for(*target.options().draft_model, target.options()),
               std::move(should_abort), target.pool()),
      target_vocabulary_size_(target.model().vocabulary_size()) {
    Calibration().begin(context_, cost_);
}

DraftContext::DraftContext(std::shared_ptr<Model> model, int context_length, int target_vocabulary_size)
    : context_(model,
               options_for(*model, {.context_length = context_length, .threads = 1, .max_sequences = 8}),
               [] { return false; }),
      target_vocabulary_size_(target_vocabulary_size) {
    Calibration().begin(context_, cost_);
}

DecodeStatus DraftContext::decode(Sequence & sequence, int rows) {
    batch_.clear();
    const llama_seq_id id = sequence.id();
    for (int i = 0; i < rows; ++i) {
        const int position = sequence.cached() + i;
        batch_.add(sequence.history()[position], position, std::span(&id, 1),
                   position + 1 == sequence.length());
    }
    const DecodeStatus status = context_.decode(batch_);
    if (status == DecodeStatus::done) context_.synchronize();
    return status;
}

void DraftContext::note_spoilt() {
    if (std::exchange(is_spoilt_, true))
        throw Error(ErrorCode::decode_failed, "its scores are no numbers; the file may be damaged");
    // A cell that holds no number spoils every row, also where it is masked or was given back.
    llama_memory_clear(context_.cache(), true);
    for (DraftSequence * one : sequences_) one->sequence_.clear_cache();
}

bool DraftContext::compute(Sequence & sequence) {
    while (sequence.pending() > 0) {
        const int rows = std::min(sequence.pending(), context_.options().batch_size);
        const int depth = sequence.cached();
        const Stopwatch watch;
        const BusyTime busy(cost_.steady_milliseconds(rows, depth) < 1 ? 0 : context_.computing_threads());
        DecodeStatus status = decode(sequence, rows);
        if (status == DecodeStatus::no_room) {
            // What the others have computed can be computed again.
            for (DraftSequence * other : sequences_)
                if (&other->sequence_ != &sequence) other->sequence_.clear_cache();
            status = decode(sequence, rows);
        }
        if (status != DecodeStatus::done) {
            sequence.discard_uncached();
            return false;
        }
        const double milliseconds = busy.milliseconds(watch.milliseconds());
        // A prompt has more rows than have costs of their own.
        constexpr int most = draft::PassCost::max_rows;
        cost_.observe(std::min(rows, most), depth, milliseconds * std::min(1.0, double{most} / rows));
        sequence.mark_cached(rows);
    }
    return true;
}

DraftSequence::DraftSequence(DraftContext & owner) : owner_(owner), sequence_(owner.context_) {
    owner_.sequences_.push_back(this);
}

DraftSequence::DraftSequence(const DraftSequence & parent)
    : owner_(parent.owner_), sequence_(parent.sequence_, parent.sequence_.length()) {
    owner_.sequences_.push_back(this);
}

DraftSequence::~DraftSequence() {
    std::erase(owner_.sequences_, this);
}

void DraftSequence::begin(std::span<const Token> text) {
    path_length_ = 0;
    text_.resize(text.size());
    std::ranges::transform(text, text_.begin(), [&](Token token) { return owner_.known(token); });
    or_give_up([&] { sequence_.replace(text_); });
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
    return owner_.cost_.steady_milliseconds(1, sequence_.cached());
}

int DraftSequence::shared_with(std::span<const Token> path) const {
    const auto known = std::span(sequence_.history()).last(path_length_);
    const auto differ =
        std::ranges::mismatch(known, path, {}, {}, [&](Token token) { return owner_.known(token); });
    return static_cast<int>(differ.in1 - known.begin());
}

std::optional<int> DraftSequence::rows_after(std::span<const Token> path) const {
    const int text = sequence_.length() - path_length_;
    const int length = text + static_cast<int>(path.size());
    if (length > owner_.context_.options().context_length) return std::nullopt;
    return length - std::min({sequence_.cached(), text + shared_with(path), length - 1});
}

double DraftSequence::milliseconds(std::span<const Token> path) {
    const auto rows = owner_.given_up_ ? std::nullopt : rows_after(path);
    return rows ? owner_.cost_.milliseconds(*rows, sequence_.cached())
                : std::numeric_limits<double>::infinity();
}

void DraftSequence::go_to(std::span<const Token> path) {
    const int shared = shared_with(path);
    new_.resize(path.size() - shared);
    std::ranges::transform(path.subspan(shared), new_.begin(),
                           [&](Token token) { return owner_.known(token); });
    sequence_.replace_from(sequence_.length() - path_length_ + shared, new_);
    path_length_ = static_cast<int>(path.size());
}

std::span<const draft::DraftModel::Candidate> DraftSequence::ask(std::span<const Token> path) {
    candidates_.clear();
    if (!rows_after(path)) return candidates_;
    const Stopwatch watch;
    or_give_up([&] {
        go_to(path);
        if (owner_.compute(sequence_)) find_candidates();
    });
    ++asked_.times;
    asked_.milliseconds += watch.milliseconds();
    return candidates_;
}

void DraftSequence::find_candidates() {
    const int count = owner_.context_.model().vocabulary_size();
    const float * const logits = owner_.context_.logits().whole(owner_.batch_.size() - 1);
    const TopLogits top = top_logits(logits, count);
    if (!std::isfinite(top.front().logit)) return owner_.note_spoilt();
    owner_.is_spoilt_ = false;
    const float highest = top.front().logit;
    const float sum = sum_of_exponentials(logits, count, highest);
    for (const draft::RankedToken & one : top)
        if (one.logit > -std::numeric_limits<float>::infinity() && one.token < owner_.target_vocabulary_size_)
            candidates_.push_back({one.token, rough_exponential(one.logit - highest) / sum});
}

} // namespace reprise
