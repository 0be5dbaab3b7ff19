#include "engine/family.h"

#include <algorithm>

#include "engine/assertions.h"
#include "engine/calibrate.h"
#include "engine/near_tie.h"

namespace reprise {

namespace {

constexpr char prefill_aborted[] = "The prefill was aborted; what was computed is kept";

} // namespace

Family::Family(std::shared_ptr<Model> model, std::shared_ptr<Learnt> learnt, const ContextOptions & options,
               std::function<void(Member *)> on_ready, OnError on_error)
    : model_(std::move(model)), learnt_(std::move(learnt)), options_(options),
      thread_({[this, on_ready = std::move(on_ready), on_error = std::move(on_error)] {
                   with_errors([&] { begin(on_ready); }, on_error);
               },
               [this] { return !busy().empty(); }, [this] { step(); },
               [this](const auto & work, const OnError & on_error) { with_errors(work, on_error); },
               [this] { end(); }}) {}

template <typename Call> void Family::with_errors(Call && call, const OnError & on_error) {
    reprise::with_errors(context_.get(), std::forward<Call>(call), on_error);
}

void Family::begin(const std::function<void(Member *)> & on_ready) {
    context_ = std::make_unique<Context>(model_, options_, [this] { return should_abort(); });
    options_ = context_->options();
    prompt_pass_.emplace(*context_);
    verify_pass_.emplace(*context_, cost_);
    cost_ = learnt_->pass_cost(options_.threads);
    if (!cost_.measured() && time_passes()) learnt_->keep_pass_cost(options_.threads, cost_);
    members_.emplace(*context_, *learnt_);
    on_ready(&members_->add());
}

void Family::end() {
    for (Member * member : busy()) abort(*member);
    members_.reset();
    context_.reset();
}

/// Also tries whether the model can be computed at all.
bool Family::time_passes() {
    const std::string what = "llama.cpp cannot compute the model's first pass: ";
    try {
        return calibrate(*context_, cost_);
    } catch (const AssertionFailed & failed) {
        context_->give_up(failed.what());
        throw Error(ErrorCode::model_invalid, what + failed.what());
    } catch (const Error & error) {
        throw Error(ErrorCode::model_invalid, what + error.what());
    }
}

std::vector<Member *> Family::busy() const {
    return members_ ? members_->busy() : std::vector<Member *>();
}

bool Family::should_abort() const {
    if (thread_.stopping()) return true;
    return !in_pass_.empty() && std::all_of(in_pass_.begin(), in_pass_.end(),
                                            [](const Member * member) { return member->aborted(); });
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
    member.operation = operation;
    if (member.aborted()) throw Error(ErrorCode::aborted, prefill_aborted);
    member.prefill = std::make_unique<Prefill>(std::move(prefill));
    member.prefill->total = member.to_compute();
    member.prefill->reused = member.sequence.cached();
}

void Family::generate(Member & member, int operation, GenerateOptions options, GenerationListener listener) {
    require_idle(member);
    if (!options.tokens && member.sequence.length() == 0)
        throw Error(ErrorCode::prompt_empty, "The session has no history to go on from; pass a prompt");
    // No more than can be looked back on.
    options.sampler.penalty_window = std::min(options.sampler.penalty_window, options_.context_length);
    auto generation = with_assertions(ErrorCode::option_invalid, "llama.cpp cannot use the options", [&] {
        return std::make_unique<Generation>(
            *model_, std::move(options), std::move(listener), member.sequence.history(),
            near_tie_threshold(options_.key_type, options_.value_type),
            [this, &member] { return member.aborted() || thread_.stopping(); });
    });
    const GenerateOptions & wanted = generation->options();
    if (wanted.tokens) members_->replace(member, *wanted.tokens);
    member.drafter.clear_documents(draft::Source::prediction);
    if (wanted.prediction) member.drafter.add_document(*wanted.prediction, draft::Source::prediction);
    generation->metrics().prompt_tokens = member.sequence.length();
    generation->metrics().reused_tokens = member.sequence.cached();
    member.prompt_total = member.sequence.pending();
    member.log_odds_bias_before = member.drafter.acceptance().log_odds_bias();
    member.recycled.clear();
    member.operation = operation;
    member.generation = std::move(generation);
    if (member.generation->options().max_tokens == 0) finish(member, FinishReason::length);
}

void Family::remove(Member & member) {
    abort(member);
    members_->remove(member);
}

void Family::finish(Member & member, FinishReason reason) {
    // The listener may start the next generation at once.
    const auto generation = std::move(member.generation);
    try {
        learnt_->keep_pass_cost(options_.threads, cost_);
        learnt_->keep_log_odds_bias(member.log_odds_bias_before, member.drafter.acceptance().log_odds_bias());
        learnt_->keep_recycling(member.drafter.recycling(), member.recycled);
    } catch (const std::bad_alloc &) {
        // Later sessions start from less; this one's text is whole.
    }
    with_errors([&] { generation->finish(reason); }, [&](const Error & error) { generation->fail(error); });
}

void Family::fail(Member & member, const Error & error) {
    const auto generation = std::move(member.generation);
    const auto prefill = std::move(member.prefill);
    with_errors([&] { member.sequence.discard_uncached(); }, [](const Error &) {});
    if (generation) generation->fail(error);
    if (prefill) prefill->on_error(error);
}

void Family::abort(Member & member) {
    if (member.generation) finish(member, FinishReason::aborted);
    if (member.prefill) fail(member, Error(ErrorCode::aborted, prefill_aborted));
}

void Family::step() {
    // What a member can be blamed for is its own; this is about the thread's work between them.
    with_errors([&] { make_round(); },
                [&](const Error & error) {
                    for (Member * member : busy()) fail(*member, error);
                });
    in_pass_.clear();
}

void Family::make_round() {
    if (busy().empty()) return;
    for (Member * member : busy()) {
        if (member->prefill) end_if_computed(*member);
        if (member->aborted())
            abort(*member);
        else
            with_errors([&] { make_room(*member); }, [&](const Error & error) { fail(*member, error); });
    }
    compute_prompts();
    for (Member * member : busy())
        with_errors([&] { make_room(*member); }, [&](const Error & error) { fail(*member, error); });
    verify_drafts();
}

void Family::end_if_computed(Member & member) {
    if (member.to_compute() > 0) return;
    const auto prefill = std::move(member.prefill);
    with_errors([&] { prefill->on_done(prefill->reused); }, prefill->on_error);
}

void Family::compute_prompts() {
    std::vector<Member *> members = busy();
    std::erase_if(members, [](const Member * member) {
        return member->prefill ? member->to_compute() == 0 : !member->in_prompt();
    });
    for (const auto & part : prompt_pass_->parts(members))
        with_errors([&] { compute_prompts(part); },
                    [&](const Error & error) {
                        for (Member * member : part) fail(*member, error);
                    });
}

void Family::compute_prompts(const std::vector<Member *> & members) {
    in_pass_ = members;
    const bool is_shared = members.size() > 1;
    DecodeStatus status;
    try {
        status = prompt_pass_->compute(members);
    } catch (const AssertionFailed &) {
        throw; // the context is lost, and all its members with it
    } catch (const std::exception &) {
        if (!is_shared) throw;
        compute_alone(members); // whose rows could not be computed shows there
        return;
    }
    if (status == DecodeStatus::no_room && is_shared) return compute_alone(members);
    if (status == DecodeStatus::no_room && members_->free_cells(in_pass_))
        return; // the next step tries again
    if (status != DecodeStatus::done) {
        for (Member * member : members) member->sequence.discard_uncached();
        if (status == DecodeStatus::aborted) return; // the next step sees who was aborted
        Member & member = *members.front();
        if (member.generation) return finish(member, FinishReason::context);
        throw Error(ErrorCode::context_overflow,
                    "The cache of " + std::to_string(options_.context_length) +
                        " tokens is full: the family's sessions share it; dispose forks or "
                        "create the session with a larger contextLength");
    }
    const bool spoilt = prompt_pass_->is_spoilt();
    if (spoilt && is_shared) {
        // Whose cells they are shows where each member is computed again, alone.
        for (Member * member : members) member->alone = true;
        return members_->forget_cells();
    }
    if (spoilt && !members.front()->spoilt) {
        members.front()->spoilt = true;
        return members_->forget_cells();
    }
    for (size_t i = 0; i < members.size(); ++i)
        with_errors(
            [&] {
                if (const auto verified = prompt_pass_->take(i)) hand_over(*members[i], *verified);
            },
            [&](const Error & error) { fail(*members[i], error); });
    if (spoilt) members_->forget_cells();
}

void Family::compute_alone(const std::vector<Member *> & members) {
    for (Member * member : members) member->sequence.discard_uncached();
    for (Member * member : members)
        with_errors([&] { compute_prompts({member}); }, [&](const Error & error) { fail(*member, error); });
}

void Family::verify_drafts() {
    std::vector<Member *> ready = busy();
    std::erase_if(ready, [](const Member * member) { return member->prefill || member->in_prompt(); });
    // Every member has a row at least, and each row its logits.
    std::vector<std::vector<Member *>> groups;
    add_groups(ready, static_cast<size_t>(context_->most_outputs()), groups);
    bool whole_round = true;
    for (const auto & members : groups) {
        if (!whole_round) break;
        with_errors([&] { whole_round = verify_drafts(members); },
                    [&](const Error & error) {
                        for (Member * member : members) fail(*member, error);
                    });
    }
}

bool Family::verify_drafts(const std::vector<Member *> & members) {
    try {
        verify_pass_->grow_trees(members);
    } catch (const std::bad_alloc &) {
        for (Member * member : members) member->drafter.begin({.max_nodes = 0});
    }
    for (const auto & part : verify_pass_->parts(members))
        if (!verify(part)) return false;
    return true;
}

bool Family::verify(const std::vector<Member *> & members) {
    in_pass_ = members;
    DecodeStatus status;
    try {
        status = verify_pass_->compute(members);
    } catch (const AssertionFailed &) {
        throw; // the context is lost, and all its members with it
    } catch (const std::exception &) {
        if (members.size() == 1) {
            // What it failed at may be the cells: a next try computes them again.
            members.front()->sequence.clear_cache();
            throw;
        }
        for (Member * member : members) member->sequence.discard_uncached();
        // Whose rows could not be computed shows where each is alone; the next step sees to those whose
        // memory could not step back.
        for (Member * member : members)
            if (member->sequence.pending() == 1)
                with_errors([&] { verify({member}); }, [&](const Error & error) { fail(*member, error); });
        return true;
    }
    if (status == DecodeStatus::no_room && members_->free_cells(in_pass_)) return false;
    if (status != DecodeStatus::done) {
        for (Member * member : members) member->sequence.discard_uncached();
        if (status == DecodeStatus::aborted) return true; // the next step sees who was aborted
        Member * longest =
            *std::max_element(members.begin(), members.end(), [](const auto * a, const auto * b) {
                return a->sequence.pending() + a->sequence.length() <
                       b->sequence.pending() + b->sequence.length();
            });
        finish(*longest, FinishReason::context);
        return true;
    }
    if (verify_pass_->is_spoilt()) {
        // Whose cells they are shows where each member is computed again, alone. Its last token, too: a
        // prompt may have come in chunks that left one token for this pass.
        for (Member * member : members) member->alone = true;
        members_->forget_cells();
        return true;
    }
    for (size_t i = 0; i < members.size(); ++i) {
        Member & member = *members[i];
        // A full pruned cache can make llama.cpp cut a pass into parts, of which the later take what the root
        // sees.
        if (context_->prunes_window() && !member.sequence.sees_window()) {
            member.sequence.clear_cache();
            continue;
        }
        with_errors([&] { hand_over(member, verify_pass_->take(i)); },
                    [&](const Error & error) { fail(member, error); });
    }
    return true;
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
