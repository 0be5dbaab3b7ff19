#include "engine/family.h"

#include <algorithm>
#include <cmath>

#include "engine/assertions.h"
#include "engine/calibrate.h"
#include "engine/near_tie.h"
#include "engine/stopwatch.h"

namespace reprise {

namespace {

// StreamingLLM (Xiao et al., 2309.17453): the first tokens take attention that nothing else needs, and
// a text without them falls apart.
constexpr int sink_tokens = 4;
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
    members_.push_back(std::make_unique<Member>(*context_));
    learnt_->seed(members_.back()->drafter);
    on_ready(members_.back().get());
}

void Family::end() {
    for (const auto & member : members_) abort(*member);
    for (const auto & member : members_) remember(*member);
    members_.clear();
    context_.reset();
}

/// Also tries whether the model can be computed at all.
bool Family::time_passes() {
    const std::string what = "llama.cpp cannot compute the model's first pass: ";
    try {
        return calibrate(*context_, cost_);
    } catch (const AssertionFailed & failed) {
        context_->give_up(failed.what());
        throw Error("MODEL_INVALID", what + failed.what());
    } catch (const Error & error) {
        throw Error("MODEL_INVALID", what + error.what());
    }
}

std::vector<Member *> Family::busy() const {
    std::vector<Member *> members;
    for (const auto & member : members_)
        if (member->is_busy()) members.push_back(member.get());
    return members;
}

bool Family::should_abort() const {
    if (thread_.stopping()) return true;
    return !in_pass_.empty() && std::all_of(in_pass_.begin(), in_pass_.end(),
                                            [](const Member * member) { return member->aborted(); });
}

void Family::require_idle(const Member & member) const {
    context_->require_usable();
    if (member.is_busy())
        throw Error("SESSION_BUSY",
                    "The session is generating; await the generation's result or abort it first, "
                    "or fork() the session before");
}

void Family::replace_history(Member & member, std::span<const Token> tokens) {
    if (tokens.empty()) throw Error("PROMPT_EMPTY", "The prompt has no tokens; pass some text");
    for (const Token token : tokens)
        if (token < 0 || token >= model_->vocabulary_size())
            throw Error("OPTION_INVALID", "Expected token ids in 0…" +
                                              std::to_string(model_->vocabulary_size() - 1) +
                                              " for prompt but received " + std::to_string(token));
    if (static_cast<int>(tokens.size()) > options_.context_length)
        throw Error("CONTEXT_OVERFLOW",
                    "The prompt has " + std::to_string(tokens.size()) + " tokens but contextLength is " +
                        std::to_string(options_.context_length) +
                        "; shorten the prompt or create the session with a larger contextLength");
    const auto & history = member.sequence.history();
    const auto [differs, unused] =
        std::mismatch(history.begin(), history.end(), tokens.begin(), tokens.end());
    // Another conversation.
    if (2 * (differs - history.begin()) < std::ssize(history)) remember(member);
    unshare(member, member.replace(tokens));
}

void Family::prefill(Member & member, int operation, std::span<const Token> tokens, Prefill prefill) {
    require_idle(member);
    replace_history(member, tokens);
    member.operation = operation;
    if (member.aborted()) throw Error("ABORTED", prefill_aborted);
    member.prefill = std::make_unique<Prefill>(std::move(prefill));
    member.prefill->total = member.to_compute();
    member.prefill->reused = member.sequence.cached();
}

void Family::generate(Member & member, int operation, GenerateOptions options, GenerationListener listener) {
    require_idle(member);
    if (!options.tokens && member.sequence.length() == 0)
        throw Error("PROMPT_EMPTY", "The session has no history to go on from; pass a prompt");
    // No more than can be looked back on.
    options.sampler.penalty_window = std::min(options.sampler.penalty_window, options_.context_length);
    auto generation = with_assertions("OPTION_INVALID", "llama.cpp cannot use the options", [&] {
        return std::make_unique<Generation>(
            *model_, std::move(options), std::move(listener), member.sequence.history(),
            near_tie_threshold(options_.key_type, options_.value_type),
            [this, &member] { return member.aborted() || thread_.stopping(); });
    });
    const GenerateOptions & wanted = generation->options();
    if (wanted.tokens) replace_history(member, *wanted.tokens);
    member.drafter.clear_documents(draft::Source::prediction);
    if (wanted.prediction) member.drafter.add_document(*wanted.prediction, draft::Source::prediction);
    generation->metrics().prompt_tokens = member.sequence.length();
    generation->metrics().reused_tokens = member.sequence.cached();
    member.prompt_total = member.sequence.pending();
    member.shifts_before = member.drafter.acceptance().shifts();
    member.recycled.clear();
    member.operation = operation;
    member.generation = std::move(generation);
    if (member.generation->options().max_tokens == 0) finish(member, FinishReason::length);
}

Member & Family::fork(const Member & parent) {
    require_idle(parent);
    if (context_->free_sequences() == 0)
        for (const auto & member : members_) member->sequence.return_leaves();
    members_.push_back(std::make_unique<Member>(parent));
    return *members_.back();
}

void Family::remove(Member * member) {
    abort(*member);
    remember(*member);
    std::erase_if(members_, [&](const auto & one) { return one.get() == member; });
}

void Family::truncate(Member & member, int length) {
    member.truncate(length);
    unshare(member, length);
}

void Family::load(Member & member, const std::string & path) {
    remember(member);
    member.load(*context_, path);
    member.shared = 0;
}

void Family::unshare(Member & member, int length) {
    member.shared = std::min(member.shared, length);
    for (const auto & other : members_)
        if (other->parent == &member) other->shared = std::min(other->shared, length);
}

void Family::remember(Member & member) {
    // From here on only what the member shares itself can be lost to its forks.
    for (const auto & other : members_)
        if (other->parent == &member) other->parent = member.parent;
    DraftMemory * const memory = learnt_->memory();
    const std::span<const Token> history = member.sequence.history();
    // What a fork shares its parent adds.
    if (memory == nullptr || history.size() <= static_cast<size_t>(member.shared)) return;
    const size_t known = std::max(0, member.shared - draft::SuffixIndex::key_length);
    // An index that the family held on to would have to be copied before it can grow.
    for (const auto & one : members_) one->drafter.clear_documents(draft::Source::earlier);
    try {
        memory->add(history.subspan(known));
    } catch (const std::exception &) {
        // A session has to end all the same; the memory goes on without its conversation.
    }
    for (const auto & one : members_) one->drafter.share_documents(memory->index(), draft::Source::earlier);
}

void Family::finish(Member & member, FinishReason reason) {
    // The listener may start the next generation at once.
    const auto generation = std::move(member.generation);
    try {
        learnt_->keep_pass_cost(options_.threads, cost_);
        learnt_->keep_shifts(member.shifts_before, member.drafter.acceptance().shifts());
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
    if (member.prefill) fail(member, Error("ABORTED", prefill_aborted));
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
    const Stopwatch watch;
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
    if (status == DecodeStatus::no_room && free_cells()) return; // the next step tries again
    if (status != DecodeStatus::done) {
        for (Member * member : members) member->sequence.discard_uncached();
        if (status == DecodeStatus::aborted) return; // the next step sees who was aborted
        Member & member = *members.front();
        if (member.generation) return finish(member, FinishReason::context);
        throw Error("CONTEXT_OVERFLOW",
                    "The cache of " + std::to_string(options_.context_length) +
                        " tokens is full: the family's sessions share it; dispose forks or "
                        "create the session with a larger contextLength");
    }
    const auto & rows = prompt_pass_->rows();
    const bool spoilt = std::any_of(rows.begin(), rows.end(), [&](const PromptPass::Rows & one) {
        return one.last >= 0 && is_spoilt(one.last);
    });
    if (spoilt && is_shared) {
        // Whose cells they are shows where each member is computed again, alone.
        for (Member * member : members) member->alone = true;
        return forget_cells();
    }
    Member & first = *members.front();
    if (spoilt && !first.spoilt) {
        first.spoilt = true;
        return forget_cells();
    }
    for (const PromptPass::Rows & one : rows)
        with_errors([&] { take_prompt(one, watch); }, [&](const Error & error) { fail(*one.member, error); });
    if (spoilt) forget_cells();
}

void Family::compute_alone(const std::vector<Member *> & members) {
    for (Member * member : members) member->sequence.discard_uncached();
    for (Member * member : members)
        with_errors([&] { compute_prompts({member}); }, [&](const Error & error) { fail(*member, error); });
}

void Family::take_prompt(const PromptPass::Rows & rows, const Stopwatch & watch) {
    Member & member = *rows.member;
    const bool gives_token = rows.last >= 0;
    const int to_compute = member.to_compute();
    member.sequence.mark_cached(gives_token ? rows.count - 1 : rows.count);
    if (member.prefill) {
        Prefill & prefill = *member.prefill;
        prefill.total = std::max(prefill.total, to_compute);
        if (prefill.on_progress) prefill.on_progress(prefill.total - member.to_compute(), prefill.total);
        return;
    }
    Generation & generation = *member.generation;
    member.prompt_total = std::max(member.prompt_total, to_compute);
    // What is computed again in the middle of a text is not the prompt.
    if (generation.metrics().output_tokens == 0)
        generation.report_progress(member.prompt_total - (gives_token ? 0 : member.to_compute()),
                                   member.prompt_total);
    if (!gives_token) {
        generation.metrics().prefill_ms += watch.milliseconds();
        return;
    }
    member.spoilt = member.alone = false;
    // The root alone: nothing is drafted in the pass that the prompt needs anyway.
    const TreeRows root(rows.last);
    const Verified verified = sample_and_match(*context_, member, root, {});
    keep_verified(member, root, {}, verified);
    generation.metrics().prefill_ms += watch.milliseconds();
    hand_over(member, verified);
}

void Family::verify_drafts() {
    std::vector<Member *> ready = busy();
    std::erase_if(ready, [](const Member * member) { return member->prefill || member->in_prompt(); });
    // Every member has a row at least, and each row its logits.
    const auto most = static_cast<size_t>(context_->most_outputs());
    bool whole_round = true;
    for (size_t first = 0; first < ready.size() && whole_round; first += most) {
        const std::vector<Member *> members(ready.begin() + first,
                                            ready.begin() + std::min(first + most, ready.size()));
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
    if (status == DecodeStatus::no_room && free_cells()) return false;
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
        forget_cells();
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
bool Family::make_room(Member & member) {
    if (member.sequence.length() <= options_.context_length) return true;
    if (!options_.shift_on_overflow) {
        finish(member, FinishReason::context);
        return false;
    }
    shift(member);
    return true;
}

/// Forgets half of the member's history, the oldest but for the first tokens.
void Family::shift(Member & member) {
    if (context_->can_move_cells())
        for (const auto & other : members_)
            if (other.get() != &member) other->sequence.give_way(member.sequence, sink_tokens);
    member.shift(sink_tokens);
    unshare(member, sink_tokens);
}

/// A cell that two sequences share is never given away, though the window hides it from both.
bool Family::unshare_cells() {
    bool returned = false;
    for (const auto & member : members_) {
        returned = returned || member->sequence.borrowed_leaves() > 0;
        member->sequence.return_leaves();
    }
    if (returned) return true;
    for (const bool idle : {true, false})
        for (const auto & one : members_)
            for (const auto & other : members_)
                if (one != other && idle == !one->is_busy() && one->sequence.shares_cells(other->sequence)) {
                    one->sequence.clear_cache();
                    return true;
                }
    return false;
}

bool Family::free_cells() {
    if (context_->prunes_window() && unshare_cells()) return true;
    if (!options_.shift_on_overflow) return false;
    bool freed = false;
    Member * longest = nullptr;
    for (const auto & member : members_) {
        Sequence & sequence = member->sequence;
        const bool working = std::find(in_pass_.begin(), in_pass_.end(), member.get()) != in_pass_.end();
        if (!member->is_busy() && !working && sequence.cached() > 0) {
            sequence.clear_cache();
            freed = true;
        }
        const bool shifts =
            member->generation && sequence.pending() == 1 && sequence.length() > 4 * sink_tokens;
        if (shifts && (!longest || sequence.length() > longest->sequence.length())) longest = member.get();
    }
    if (freed || !longest) return freed;
    shift(*longest);
    return true;
}

// A cell that holds no number spoils every row of the context, also of members that do not see it, where
// attention multiplies masked cells by 0 (llama.cpp's does): 0 times NaN is NaN. So does the cell of a draft,
// or one that was given back.
bool Family::is_spoilt(int row) const {
    return std::isnan(context_->logits(row)[0]);
}

void Family::forget_cells() {
    llama_memory_clear(context_->memory(), true);
    for (const auto & member : members_) member->sequence.clear_cache();
}

} // namespace reprise
