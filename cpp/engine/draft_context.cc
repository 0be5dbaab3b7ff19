#include "engine/draft_context.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "engine/assertions.h"
#include "engine/busy_time.h"
#include "engine/calibration.h"
#include "engine/draft_sequence.h"
#include "engine/error.h"
#include "engine/stopwatch.h"
#include "engine/suitability.h"

namespace reprise {

namespace {

/// As in llama.cpp (common/speculative.cpp): vocabularies of one family are padded to different sizes, and
/// their first tokens, which no text has, may be named differently.
constexpr int max_size_difference = 128;
constexpr int first_compared_token = 5;

[[noreturn]] void refuse(const std::string & reason) {
    throw Error(ErrorCode::option_invalid,
                "Expected a draft model of the model's vocabulary for draft.model but " + reason +
                    "; take a smaller model of the same family, or the head that was trained for this model");
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

ContextOptions options_beside(const Context & target, DraftKind kind) {
    ContextOptions options = options_for(*target.options().draft_model, target.options());
    if (kind != DraftKind::model) set_head_options(options, target, kind);
    return options;
}

void require_same_tokens(const Model & target, const Model & draft) {
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

} // namespace

void require_draft_model(const Model & target, const Model & draft) {
    if (const std::string fault = head_fault(target.handle()); !fault.empty())
        throw Error(ErrorCode::model_invalid, "The model cannot generate: " + fault);
    const DraftKind kind = draft_kind(target, draft);
    if (kind == DraftKind::mtp) return require_draft_head(target, draft, kind);
    const bool can_be_head = kind != DraftKind::model && !target.vocab_only() && !draft.vocab_only();
    const std::string fault = draft.vocab_only() || can_be_head ? "" : generation_fault(draft.handle());
    if (!fault.empty()) throw Error(ErrorCode::model_invalid, "The draft model cannot generate: " + fault);
    if (has_states(draft.cache_kind()))
        throw Error(ErrorCode::model_invalid,
                    "The draft model has recurrent states, which cannot take drafts back; take one whose "
                    "layers are attention alone");
    require_same_tokens(target, draft);
    if (can_be_head) require_draft_head(target, draft, kind);
}

DraftContext::DraftContext(Context & target, std::function<bool()> should_abort)
    : context_(target.options().draft_model,
               options_beside(target, draft_kind(target.model(), *target.options().draft_model)),
               std::move(should_abort), target.pool()),
      target_vocabulary_size_(target.model().vocabulary_size()) {
    const DraftKind kind = draft_kind(target.model(), context_.model());
    if (kind != DraftKind::model) head_.emplace(target, context_, kind);
    Calibration().begin(context_, cost_);
    if (head_ && head_->block()) time_block();
}

DraftContext::DraftContext(std::shared_ptr<Model> model, int context_length, int target_vocabulary_size)
    : context_(model,
               options_for(*model, {.context_length = context_length, .threads = 1, .max_sequences = 8}),
               [] { return false; }),
      target_vocabulary_size_(target_vocabulary_size) {
    Calibration().begin(context_, cost_);
}

void DraftContext::time_block() {
    const int rows = head_->block()->rows;
    const llama_seq_id id = context_.acquire_sequence();
    double milliseconds = 0;
    const std::string what = "llama.cpp cannot compute the draft head's first block: ";
    try {
        for (int time = 0; time < 2; ++time) { // The first allocates.
            batch_.clear();
            head_->add_block(batch_, 0, 0, id);
            const Stopwatch watch;
            if (context_.decode(batch_) == DecodeStatus::done) context_.synchronize();
            milliseconds = watch.milliseconds();
            llama_memory_seq_rm(context_.cache(), id, -1, -1);
        }
    } catch (const AssertionFailed & failed) {
        throw Error(ErrorCode::model_invalid, what + failed.what());
    } catch (const Error & error) {
        throw Error(ErrorCode::model_invalid, what + error.what());
    }
    context_.release_sequence(id);
    cost_.calibrate(rows, milliseconds, milliseconds);
    // A row of the text takes no more than that of a token, until it was timed.
    const double single = cost_.steady_milliseconds(1, 0);
    reading_cost_.calibrate(1, single, single);
}

bool DraftContext::add_pending(DraftSequence & sequence, int rows) {
    const Sequence & computed = sequence.sequence_;
    const llama_seq_id id = computed.id();
    if (head_ && head_->block()) {
        head_->add_read(batch_, sequence.hidden_->rows(computed.cached(), rows), computed.cached(), id);
        return true;
    }
    const int end = computed.cached() + rows;
    for (int index = computed.cached(); index < end; ++index) {
        const bool output = head_ ? sequence.wants_outputs(rows) : index + 1 == computed.length();
        batch_.add(computed.history()[index], index, std::span(&id, 1), output);
    }
    return !head_ ||
           sequence.make_inputs(rows, batch_.add_inputs(static_cast<size_t>(rows) * context_.input_width()));
}

void DraftContext::note_spoilt() {
    if (std::exchange(is_spoilt_, true))
        throw Error(ErrorCode::decode_failed, "its scores are no numbers; the file may be damaged");
    // A cell that holds no number spoils every row, also where it is masked or was given back.
    llama_memory_clear(context_.cache(), true);
    for (DraftSequence * one : sequences_) one->sequence_.clear_cache();
}

bool DraftContext::compute(DraftSequence & sequence, int rows) {
    draft::PassCost & cost = head_ && head_->block() ? reading_cost_ : cost_;
    if (!compute_batch(sequence, rows, cost, [&] { return add_pending(sequence, rows); })) return false;
    sequence.sequence_.mark_cached(rows);
    return true;
}

bool DraftContext::compute_block(DraftSequence & sequence) {
    Sequence & computed = sequence.sequence_;
    const auto fill = [&] {
        const int position = computed.length() - 1;
        head_->add_block(batch_, computed.history()[position], position, computed.id());
        return true;
    };
    if (!compute_batch(sequence, head_->block()->rows, cost_, fill)) return false;
    computed.discard_uncached();
    return true;
}

template <typename Fill>
bool DraftContext::compute_batch(DraftSequence & sequence, int rows, draft::PassCost & cost,
                                 const Fill & fill) {
    Sequence & computed = sequence.sequence_;
    const int depth = computed.cached();
    const Stopwatch watch;
    const BusyTime busy(cost.steady_milliseconds(rows, depth) < 1 ? 0 : context_.computing_threads());
    const auto decode = [&] {
        batch_.clear();
        if (!fill()) return DecodeStatus::aborted;
        const DecodeStatus status = context_.decode(batch_);
        if (status == DecodeStatus::done) context_.synchronize();
        return status;
    };
    DecodeStatus status = decode();
    if (status == DecodeStatus::no_room) {
        // What the others have computed can be computed again, but of heads, which begin anew behind it.
        for (DraftSequence * other : sequences_)
            if (other != &sequence) other->sequence_.clear_cache();
        status = decode();
    }
    if (status != DecodeStatus::done) {
        computed.discard_uncached();
        return false;
    }
    const double milliseconds = busy.milliseconds(watch.milliseconds());
    // A prompt has more rows than have costs of their own.
    constexpr int most = draft::PassCost::max_rows;
    cost.observe(std::min(rows, most), depth, milliseconds * std::min(1.0, double{most} / rows));
    return true;
}

} // namespace reprise
