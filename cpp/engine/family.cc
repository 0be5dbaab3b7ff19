#include "engine/family.h"

#include <algorithm>

#include "engine/assertions.h"
#include "engine/document_searchers.h"
#include "engine/near_tie.h"

namespace reprise {

namespace {

/// Between passes, trials take so much of the time of those that verified drafts,
constexpr double share_between_passes = 1.0 / 16;
/// and no reader waits longer for one.
constexpr double longest_between_passes_ms = 50;

/// Whether costs decide how many drafts the members verify, and there are some.
bool verify_timed_drafts(const std::vector<Member *> & members) {
    const auto is_timed = [](const Member * member) {
        return member->generation && !member->in_prompt() &&
               member->generation->options().draft_mode == DraftMode::automatic;
    };
    const auto has_drafts = [](const Member * member) { return member->drafter.tree().size() > 0; };
    return std::all_of(members.begin(), members.end(), is_timed) &&
           std::any_of(members.begin(), members.end(), has_drafts);
}

} // namespace

std::atomic<int> Family::working_families = 0;

Family::Family(std::shared_ptr<Model> model, std::shared_ptr<Learnt> learnt, const ContextOptions & options,
               std::function<void(Member *)> on_ready, OnError on_error)
    : model_(std::move(model)), learnt_(std::move(learnt)), options_(options),
      thread_({[this, on_ready = std::move(on_ready), on_error = std::move(on_error)] {
                   begin(on_ready, on_error);
               },
               [this] { return !busy().empty(); }, [this] { step(); }, [this] { return can_calibrate(); },
               [this] { calibrate_while_idle(); },
               [this](const auto & work, const OnError & on_error) { with_errors(work, on_error); },
               [this] { end(); }}) {}

template <typename Call> void Family::with_errors(Call && call, const OnError & on_error) {
    reprise::with_errors(context_.get(), std::forward<Call>(call), on_error);
}

template <typename Call> void Family::or_fail(const std::vector<Member *> & members, Call && call) {
    with_errors(std::forward<Call>(call), [&](const Error & error) {
        for (Member * member : members) fail(*member, error);
    });
}

void Family::begin(const std::function<void(Member *)> & on_ready, const OnError & on_error) {
    with_errors([&] { make(on_ready); },
                [&](const Error & error) {
                    end();
                    // Whatever an abort made fail.
                    const Error aborted(ErrorCode::aborted, "Making the session was aborted");
                    on_error(thread_.stopping() ? aborted : error);
                });
}

void Family::make(const std::function<void(Member *)> & on_ready) {
    waiting_.emplace([this] { return !should_abort(); });
    auto searchers = document_searchers(options_, *model_);
    context_ = std::make_unique<Context>(model_, options_, [this] { return should_abort(); });
    options_ = context_->options();
    if (options_.draft_model)
        drafts_ = std::make_unique<DraftContext>(*context_, [this] { return should_abort(); });
    verify_pass_.emplace(*context_, cost_);
    const KnownCost known = learnt_->pass_cost(options_.threads);
    cost_ = known.cost;
    if (!cost_.measured() && calibration_.begin(*context_, cost_))
        learnt_->keep_pass_cost(options_.threads, {cost_});
    if (known.calibrated || model_->draft_shape() == DraftShape::off) calibration_.finish();
    if (!model_->workers().empty()) calibrate_at_once();
    members_.emplace(*context_, *learnt_, std::move(searchers), drafts_.get());
    if (thread_.stopping()) throw Error(ErrorCode::aborted, "Making the session was aborted");
    on_ready(&members_->add());
}

void Family::end() {
    count_work(false);
    for (Member * member : busy()) abort(*member);
    members_.reset();
    drafts_.reset();
    context_.reset();
    waiting_.reset();
}

std::vector<Member *> Family::busy() const {
    return members_ ? members_->busy() : std::vector<Member *>();
}

/// A pass of prompts may take long: it ends when nobody waits for its prompts, and the drafts beside them are
/// verified in the next.
bool Family::should_abort() const {
    if (thread_.stopping() || thread_.call_aborted()) return true;
    if (in_trial_ && (thread_.has_other_work() || others_work())) return true;
    const bool has_prompts = !in_pass_.empty() && in_pass_.back()->in_prompt();
    return !in_pass_.empty() && std::all_of(in_pass_.begin(), in_pass_.end(), [&](const Member * member) {
        return member->aborted() || (has_prompts && !member->in_prompt());
    });
}

void Family::require_idle(const Member & member) const {
    context_->require_usable();
    if (member.is_busy())
        throw Error(ErrorCode::session_busy,
                    "The session is generating; await the generation's result or abort it first, "
                    "or fork() the session before");
}

void Family::prefill(Member & member, int operation, std::span<const Token> tokens, Prefill prefill) {
    require_idle(member);
    members_->replace(member, tokens);
    member.begin(operation, std::move(prefill));
    if (member.aborted()) abort(member);
}

void Family::generate(Member & member, int operation, GenerateOptions options, GenerationListener listener) {
    require_idle(member);
    adopt_calibration();
    if (!options.tokens && member.sequence.length() == 0)
        throw Error(ErrorCode::prompt_empty, "The session has no history to go on from; pass a prompt");
    const std::vector<Token> & prompt = options.tokens ? *options.tokens : member.sequence.history();
    if (!prompt.empty() && is_image_row(prompt.back()))
        throw Error(ErrorCode::option_invalid,
                    "Expected some text behind the last image for prompt, which ends with the image");
    // No more than can be looked back on.
    for (int * const window : {&options.sampler.penalty_window, &options.sampler.dry.penalty_last_n})
        *window = std::min(*window, options_.context_length);
    auto generation = with_assertions(ErrorCode::option_invalid, "llama.cpp cannot use the options", [&] {
        return std::make_unique<Generation>(
            *model_, std::move(options), std::move(listener), member.sequence.history(),
            near_tie_threshold(options_.key_type, options_.value_type),
            [this, &member] { return member.aborted() || thread_.stopping(); });
    });
    if (generation->options().tokens) members_->replace(member, *generation->options().tokens);
    member.begin(operation, std::move(generation));
}

void Family::remove(Member & member) {
    abort(member);
    members_->remove(member);
}

void Family::finish(Member & member, FinishReason reason) {
    // The listener may start the next generation at once.
    const auto generation = std::move(member.generation);
    try {
        learnt_->keep_pass_cost(options_.threads, {cost_, calibration_.done()});
        learnt_->keep_log_odds_bias(member.log_odds_bias_before, member.drafter.acceptance().log_odds_bias());
        learnt_->keep_recycling(member.drafter.recycling(), member.recycled);
    } catch (const std::bad_alloc &) {
        // Later sessions start from less; this one's text is whole.
    }
    with_errors([&] { generation->finish(reason); }, [&](const Error & error) { generation->fail(error); });
}

void Family::fail(Member & member, const Error & error) {
    // A worker that was given up for the sake of an abort.
    if (error.code() == ErrorCode::worker_unavailable && member.aborted()) return abort(member);
    const auto generation = std::move(member.generation);
    const auto prefill = std::move(member.prefill);
    with_errors([&] { member.sequence.discard_uncached(); }, [](const Error &) {});
    if (generation) generation->fail(error);
    if (prefill) prefill->on_error(error);
}

void Family::abort(Member & member) {
    if (member.generation) finish(member, FinishReason::aborted);
    if (const auto prefill = std::move(member.prefill))
        prefill->on_error(Error(ErrorCode::aborted,
                                "The prefill was aborted; another one goes on from what the cache holds"));
}

void Family::step() {
    // What a member can be blamed for is its own; this is about the thread's work between them.
    std::vector<Member *> members = busy();
    count_work(!members.empty());
    verified_drafts_ = false;
    or_fail(members, [&] { make_round(members); });
    if (verified_drafts_) calibrate_between_passes();
    in_pass_ = {};
    count_work(!busy().empty());
}

void Family::count_work(bool works) {
    if (works != is_counted_) working_families += works ? 1 : -1;
    is_counted_ = works;
}

void Family::adopt_calibration() {
    if (calibration_.done()) return;
    const KnownCost known = learnt_->pass_cost(options_.threads);
    if (!known.calibrated) return;
    cost_ = known.cost;
    calibration_.finish();
}

void Family::calibrate_at_once() {
    while (!calibration_.done() && calibration_.step(*context_, cost_, nullptr) == Calibration::Step::timed) {
    }
    calibration_.finish();
    if (!should_abort()) learnt_->keep_pass_cost(options_.threads, {cost_, true});
}

bool Family::can_calibrate() const {
    if (!members_ || calibration_.done() || others_work()) return false;
    // States, and windows whose cells are given away, are not put at risk for it.
    return members_->deepest() == nullptr || context_->may_branch();
}

void Family::calibrate_while_idle() {
    adopt_calibration();
    while (can_calibrate() && !thread_.has_other_work())
        if (!time_a_size(members_->deepest())) break;
}

void Family::calibrate_between_passes() {
    if (calibration_.first_round_done() || others_work() || thread_.has_other_work()) return;
    const Member * const parent = members_->deepest();
    if (!parent || !context_->may_branch()) return;
    const double expected = calibration_.next_milliseconds(cost_, parent->sequence.cached());
    const double allowed = share_between_passes * drafting_ms_ - between_ms_;
    if (expected > std::min(allowed, longest_between_passes_ms)) return;
    const Stopwatch watch;
    time_a_size(parent);
    between_ms_ += watch.milliseconds();
}

bool Family::time_a_size(const Member * parent) {
    auto outcome = Calibration::Step::impossible;
    in_trial_ = true;
    // What went wrong shows in the next pass that somebody waits for, too.
    with_errors([&] { outcome = calibration_.step(*context_, cost_, parent ? &parent->sequence : nullptr); },
                [](const Error &) {});
    in_trial_ = false;
    if (outcome == Calibration::Step::impossible) calibration_.finish();
    if (calibration_.done()) learnt_->keep_pass_cost(options_.threads, {cost_, true});
    return outcome == Calibration::Step::timed;
}

void Family::make_round(std::vector<Member *> members) {
    for (Member * member : members)
        if (member->prefill && member->to_compute() == 0)
            end_prefill(*member);
        else if (member->aborted())
            abort(*member);
        else
            or_fail({member}, [&] { make_room(*member); });
    std::erase_if(members, [](const Member * member) { return !member->is_busy(); });
    // A draft model may have a prompt to catch up with, which nobody may be waiting for any more.
    in_pass_ = members;
    std::erase_if(in_pass_, [](const Member * member) { return member->in_prompt(); });
    const auto parts = verify_pass_->plan(members);
    for (Member * member : members)
        if (member->draft_sequence) or_fail({member}, [&] { member->draft_sequence->require_sound(); });
    for (auto part : parts) {
        // An abort takes effect within one pass, though a round may have several.
        for (Member * member : members)
            if (member->aborted()) abort(*member);
        std::erase_if(part, [](const Member * member) { return !member->is_busy(); });
        bool whole_round = true;
        if (!part.empty()) or_fail(part, [&] { whole_round = compute(part); });
        if (!whole_round) return;
    }
}

void Family::end_prefill(Member & member) {
    const auto prefill = std::move(member.prefill);
    with_errors([&] { prefill->on_done(prefill->reused); }, prefill->on_error);
}

bool Family::compute(const std::vector<Member *> & members) {
    in_pass_ = members;
    const bool is_shared = members.size() > 1;
    DecodeStatus status;
    try {
        status = verify_pass_->compute(members);
    } catch (const AssertionFailed &) {
        throw; // the context is lost, and all its members with it
    } catch (const std::exception &) {
        if (is_shared) return compute_alone(members); // whose rows could not be computed shows there
        // What it failed at may be the cells: a next try computes them again.
        members.front()->sequence.clear_cache();
        throw;
    }
    const bool has_prompts = members.back()->in_prompt();
    if (status == DecodeStatus::no_room && is_shared && has_prompts) return compute_alone(members);
    if (status == DecodeStatus::no_room && members_->free_cells(members)) return false;
    if (status != DecodeStatus::done) {
        for (Member * member : members) member->sequence.discard_uncached();
        if (status == DecodeStatus::no_room) end_for_want_of_room(members);
        return true; // the next round sees who was aborted
    }
    if (!calibration_.done() && verify_timed_drafts(members)) {
        verified_drafts_ = true;
        drafting_ms_ += verify_pass_->milliseconds();
    }
    const bool is_spoilt = verify_pass_->is_spoilt();
    if (is_spoilt && !is_last_try(members)) {
        members_->forget_cells();
        return false;
    }
    for (size_t i = 0; i < members.size(); ++i)
        or_fail({members[i]}, [&] {
            if (const auto verified = verify_pass_->take(i)) hand_over(*members[i], *verified);
        });
    if (is_spoilt) members_->forget_cells();
    return !is_spoilt;
}

bool Family::compute_alone(const std::vector<Member *> & members) {
    for (Member * member : members) member->sequence.discard_uncached();
    for (Member * member : members) {
        bool whole_round = true;
        or_fail({member}, [&] { whole_round = compute({member}); });
        if (!whole_round) return false;
    }
    return true;
}

/// Whose cells hold no numbers shows where each member is computed again, alone, its last token, too: a
/// prompt may have come in chunks that left one token for a pass that was shared. Then its cells are computed
/// once more.
bool Family::is_last_try(const std::vector<Member *> & members) {
    Member & member = *members.front();
    if (members.size() == 1 && member.spoilt) return true;
    if (members.size() == 1 && member.in_prompt()) member.spoilt = true;
    for (Member * one : members) one->alone = true;
    return false;
}

void Family::end_for_want_of_room(const std::vector<Member *> & members) {
    Member * const longest =
        *std::max_element(members.begin(), members.end(), [](const Member * a, const Member * b) {
            return a->sequence.pending() + a->sequence.length() <
                   b->sequence.pending() + b->sequence.length();
        });
    if (longest->generation) return finish(*longest, FinishReason::context);
    throw Error(ErrorCode::context_overflow,
                "The cache of " + std::to_string(options_.context_length) +
                    " tokens is full: a session and its forks share it; dispose forks or "
                    "create the session with a larger contextLength");
}

void Family::hand_over(Member & member, const Verified & verified) {
    if (verified.failure && (member.aborted() || thread_.stopping())) {
        finish(member, FinishReason::aborted);
    } else if (verified.failure) {
        fail(member, *verified.failure);
    } else if (verified.end) {
        finish(member, *verified.end);
    } else {
        member.generation->flush(false);
    }
}

/// Room for one more token at the member's end: shifts where that was asked for, else ends the generation.
void Family::make_room(Member & member) {
    if (member.sequence.length() <= options_.context_length) return;
    if (options_.shift_on_overflow)
        members_->shift(member);
    else
        finish(member, FinishReason::context);
}

} // namespace reprise
