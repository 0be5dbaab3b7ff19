#include "engine/family.h"

#include <algorithm>
#include <cmath>

#include "draft/plan.h"
#include "engine/assertions.h"
#include "engine/busy_time.h"
#include "engine/calibrate.h"
#include "engine/near_tie.h"
#include "engine/state_file.h"
#include "engine/stopwatch.h"

namespace reprise {

namespace {

constexpr int most_leaves = 32;
// StreamingLLM (Xiao et al., 2309.17453): the first tokens take attention that nothing else needs, and
// a text without them falls apart.
constexpr int sink_tokens = 4;

} // namespace

Family::Family(std::shared_ptr<Model> model, std::shared_ptr<Learnt> learnt, const ContextOptions & options,
               std::function<void(Member *)> on_ready, OnError on_error)
    : model_(std::move(model)), learnt_(std::move(learnt)), options_(options),
      thread_({[this, on_ready = std::move(on_ready), on_error = std::move(on_error)] {
                   with_errors([&] { begin(on_ready); }, on_error);
               },
               [this] { return !generating().empty(); }, [this] { step(); },
               [this](const auto & work, const OnError & on_error) { with_errors(work, on_error); },
               [this] { end(); }}) {}

template <typename Call> void Family::with_errors(Call && call, const OnError & on_error) {
    reprise::with_errors(context_, std::forward<Call>(call), on_error);
}

void Family::begin(const std::function<void(Member *)> & on_ready) {
    context_ = std::make_unique<Context>(model_, options_, [this] { return should_abort(); });
    options_ = context_->options();
    cost_ = learnt_->pass_cost(options_.threads);
    if (!cost_.measured() && time_passes()) learnt_->keep_pass_cost(options_.threads, cost_);
    members_.push_back(std::make_unique<Member>(*context_));
    learnt_->seed(members_.back()->drafter);
    on_ready(members_.back().get());
}

void Family::end() {
    for (const auto & member : members_)
        if (member->generation) finish(*member, FinishReason::aborted);
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

std::vector<Member *> Family::generating() const {
    std::vector<Member *> members;
    for (const auto & member : members_)
        if (member->generation) members.push_back(member.get());
    return members;
}

bool Family::should_abort() const {
    if (thread_.stopping()) return true;
    return !in_pass_.empty() && std::all_of(in_pass_.begin(), in_pass_.end(),
                                            [](const Member * member) { return member->aborted(); });
}

void Family::require_idle(const Member & member) const {
    context_->require_usable();
    if (member.generation)
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
    const size_t common = member.sequence.replace(tokens);
    unshare(member, static_cast<int>(common));
    member.drafter.truncate(common);
    member.drafter.append(tokens.subspan(common), draft::Source::prompt);
}

bool Family::prefill(Member & member, int operation, const std::function<void(int, int)> & on_progress) {
    Sequence & sequence = member.sequence;
    member.operation = operation;
    if (member.aborted()) return false;
    in_pass_ = {&member};
    bool done = false;
    try {
        done = prefill_pending(member, on_progress);
    } catch (const AssertionFailed &) {
        in_pass_.clear();
        throw; // the context is lost
    } catch (...) {
        sequence.discard_uncached();
        in_pass_.clear();
        throw;
    }
    in_pass_.clear();
    return done;
}

bool Family::prefill_pending(Member & member, const std::function<void(int, int)> & on_progress) {
    Sequence & sequence = member.sequence;
    int total = sequence.pending() - 1;
    while (sequence.pending() > 1) {
        const int rows = std::min(sequence.pending() - 1, options_.batch_size);
        batch_pending(sequence, rows, false);
        const DecodeStatus status = context_->decode(batch_);
        if (status == DecodeStatus::no_room && free_cells()) {
            total = std::max(total, sequence.pending() - 1);
            continue;
        }
        if (status == DecodeStatus::aborted) {
            sequence.discard_uncached();
            return false;
        }
        if (status != DecodeStatus::done)
            throw Error("CONTEXT_OVERFLOW",
                        "The cache of " + std::to_string(options_.context_length) +
                            " tokens is full: the family's sessions share it; dispose forks or "
                            "create the session with a larger contextLength");
        sequence.mark_cached(rows);
        if (on_progress) on_progress(total - (sequence.pending() - 1), total);
        if (member.aborted() || thread_.stopping()) break;
    }
    return sequence.pending() == 1;
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
    member.prefill_total = member.sequence.pending();
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
    members_.push_back(std::make_unique<Member>(parent, parent.sequence.length()));
    return *members_.back();
}

void Family::remove(Member * member) {
    if (member->generation) finish(*member, FinishReason::aborted);
    remember(*member);
    std::erase_if(members_, [&](const auto & one) { return one.get() == member; });
}

void Family::truncate(Member & member, int length) {
    member.sequence.truncate(length);
    unshare(member, length);
    member.drafter.truncate(length);
}

void Family::load(Member & member, const std::string & path) {
    remember(member);
    load_state(*context_, member.sequence, path);
    member.shared = 0;
    member.drafter.truncate(0);
    member.drafter.append(member.sequence.history(), draft::Source::prompt);
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
    with_errors([&] { member.sequence.discard_uncached(); }, [](const Error &) {});
    if (generation) generation->fail(error);
}

void Family::step() {
    // What a member can be blamed for is its own; this is about the thread's work between them.
    with_errors([&] { make_round(); },
                [&](const Error & error) {
                    for (Member * member : generating()) fail(*member, error);
                });
}

void Family::make_round() {
    for (Member * member : generating()) {
        if (member->aborted()) {
            finish(*member, FinishReason::aborted);
            continue;
        }
        with_errors(
            [&] {
                if (make_room(*member) && member->in_prompt()) prefill_chunk(*member);
                if (member->generation) make_room(*member);
            },
            [&](const Error & error) { fail(*member, error); });
    }
    std::vector<Member *> ready = generating();
    std::erase_if(ready, [](const Member * member) { return member->in_prompt(); });
    // Every member has a row at least, and each row its logits.
    const auto most = static_cast<size_t>(context_->most_outputs());
    bool whole_round = true;
    for (size_t first = 0; first < ready.size() && whole_round; first += most) {
        const std::vector<Member *> members(ready.begin() + first,
                                            ready.begin() + std::min(first + most, ready.size()));
        with_errors([&] { whole_round = verify(members); },
                    [&](const Error & error) {
                        for (Member * member : members) fail(*member, error);
                    });
    }
    in_pass_.clear();
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
    Sequence & sequence = member.sequence;
    if (context_->can_move_cells())
        for (const auto & other : members_)
            if (other.get() != &member) other->sequence.give_way(sequence, sink_tokens);
    sequence.shift(sink_tokens, (sequence.length() - sink_tokens) / 2);
    unshare(member, sink_tokens);
    member.drafter.truncate(sink_tokens);
    member.drafter.append(std::span(sequence.history()).subspan(sink_tokens), draft::Source::output);
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
                if (one != other && idle == !one->generation && one->sequence.shares_cells(other->sequence)) {
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
        if (!member->generation && !working && sequence.cached() > 0) {
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

void Family::batch_pending(const Sequence & sequence, int rows, bool last_is_output) {
    const llama_seq_id id = sequence.id();
    batch_.clear();
    for (int i = 0; i < rows; ++i) {
        const int at = sequence.cached() + i;
        batch_.add(sequence.history()[at], at, std::span(&id, 1), last_is_output && i == rows - 1);
    }
}

/// Computes part of a prompt; its last token's logits give the generation's first token.
void Family::prefill_chunk(Member & member) {
    const Stopwatch watch;
    Sequence & sequence = member.sequence;
    const int rows = std::min(sequence.pending(), options_.batch_size);
    const bool last = rows == sequence.pending();
    batch_pending(sequence, rows, last);
    in_pass_ = {&member};
    member.prefill_total = std::max(member.prefill_total, sequence.pending());
    const DecodeStatus status = context_->decode(batch_);
    if (status == DecodeStatus::no_room && free_cells()) return; // the next step tries again
    if (status != DecodeStatus::done) {
        sequence.discard_uncached();
        finish(member, status == DecodeStatus::aborted ? FinishReason::aborted : FinishReason::context);
        return;
    }
    Generation & generation = *member.generation;
    sequence.mark_cached(last ? rows - 1 : rows);
    // What is computed again in the middle of a text is not the prompt.
    if (generation.metrics().output_tokens == 0)
        generation.report_progress(member.prefill_total - (last ? 0 : sequence.pending()),
                                   member.prefill_total);
    if (!last) {
        generation.metrics().prefill_ms += watch.milliseconds();
        return;
    }
    const bool spoilt = is_spoilt(rows - 1);
    if (spoilt && !member.spoilt) {
        forget_cells();
        member.spoilt = true;
        return;
    }
    member.spoilt = member.alone = false;
    // The root alone: nothing is drafted in the pass that the prompt needs anyway.
    const Verified verified = take_verified(member, TreeRows(rows - 1), {});
    member.drafter.append(verified.said, draft::Source::output);
    generation.metrics().prefill_ms += watch.milliseconds();
    hand_over(member, verified);
    if (spoilt) forget_cells();
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

bool Family::verify(const std::vector<Member *> & members) {
    const Stopwatch watch;
    try {
        grow_trees(members);
    } catch (const std::bad_alloc &) {
        for (Member * member : members) member->drafter.begin({.max_nodes = 0});
    }
    const double draft_ms = watch.milliseconds() / static_cast<double>(members.size());
    for (const auto & pass : passes(members))
        if (!verify_pass(pass, watch, draft_ms)) return false;
    return true;
}

std::vector<std::vector<Member *>> Family::passes(const std::vector<Member *> & members) const {
    if (model_->draft_shape() != DraftShape::chain) return {members};
    // llama.cpp computes chains of different lengths, or more rows than a micro batch has, one after another,
    // and a later one's recurrent states may take the cells of an earlier one's. That moves the state, but
    // not the snapshots that a rejected draft goes back to.
    std::map<int, std::vector<Member *>> by_rows;
    for (Member * member : members) by_rows[1 + member->drafter.tree().size()].push_back(member);
    std::vector<std::vector<Member *>> passes;
    for (const auto & [rows, same] : by_rows) {
        const auto most = static_cast<size_t>(std::max(1, context_->options().micro_batch_size / rows));
        for (size_t first = 0; first < same.size(); first += most)
            passes.emplace_back(same.begin() + first, same.begin() + std::min(first + most, same.size()));
    }
    return passes;
}

// A pass shorter than a millisecond is seldom interrupted, and would be longer by a hundredth.
int Family::threads_to_watch(const std::vector<Member *> & members) const {
    const Member & first = *members.front();
    const bool is_short = cost_.measured() && cost_.steady_milliseconds(static_cast<int>(members.size()),
                                                                        first.sequence.cached()) < 1;
    return is_short ? 0 : context_->computing_threads();
}

bool Family::verify_pass(const std::vector<Member *> & members, const Stopwatch & watch, double draft_ms) {
    const double before_ms = watch.milliseconds();
    in_pass_ = members;
    const BusyTime busy(threads_to_watch(members));
    DecodeStatus status;
    try {
        status = decode_trees(members, true);
        if (status == DecodeStatus::no_room) {
            for (Member * member : members) member->sequence.return_leaves();
            status = decode_trees(members, false);
        }
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
                with_errors([&] { verify_pass({member}, watch, draft_ms); },
                            [&](const Error & error) { fail(*member, error); });
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

    const int rows = batch_.size();
    const int depth = members.front()->sequence.cached();
    llama_synchronize(context_->handle());
    const double compute_ms = watch.milliseconds() - before_ms;
    const double busy_ms = busy.milliseconds(compute_ms);
    cost_.observe(rows, depth, busy_ms);
    const int base_rows = static_cast<int>(members.size());
    // What had kept this pass waiting would have kept others waiting too.
    const double plain_ms = cost_.steady_milliseconds(base_rows, depth) / base_rows * (compute_ms / busy_ms);

    for (const TreeRows & tree : tree_rows_) {
        if (!is_spoilt(tree.row(-1))) continue;
        // Whose cells they are shows where each member is computed again, alone. Its last token, too: a
        // prompt may have come in chunks that left one token for this pass.
        for (Member * member : members) member->alone = true;
        forget_cells();
        return true;
    }

    const PassTimes times{draft_ms, compute_ms, plain_ms, rows, base_rows};
    for (size_t i = 0; i < members.size(); ++i) {
        // A full pruned cache can make llama.cpp cut a pass into parts, of which the later take what the root
        // sees.
        if (context_->prunes_window() && !members[i]->sequence.sees_window()) {
            members[i]->sequence.clear_cache();
            continue;
        }
        with_errors([&] { take_pass(*members[i], tree_rows_[i], times, watch); },
                    [&](const Error & error) { fail(*members[i], error); });
    }
    return true;
}

void Family::take_pass(Member & member, const TreeRows & rows, const PassTimes & times,
                       const Stopwatch & watch) {
    Metrics & metrics = member.generation->metrics();
    const Verified verified = take_verified(member, rows, member.drafter.tree());
    if (member.generation->drafting()) member.drafter.learn(verified.said);
    if (member.generation->recycling()) {
        const double spent_ms = recycle_rejected(member, rows, verified);
        member.scans.observe(watch.milliseconds() / times.members, spent_ms,
                             verified.recycled * times.plain_ms);
    }
    member.drafter.append(verified.said, draft::Source::output);
    ++metrics.passes;
    metrics.pass_tokens += static_cast<int64_t>(verified.said.size());
    metrics.draft_micros += 1000 * times.draft_ms;
    metrics.plain_ms_estimate += times.plain_ms * static_cast<int64_t>(verified.said.size());
    metrics.decode_ms += watch.milliseconds();
    RowTiming & timing = metrics.passes_by_rows[times.rows];
    ++timing.passes;
    timing.milliseconds += times.compute_ms;
    hand_over(member, verified);
}

void Family::hand_over(Member & member, const Verified & verified) {
    if (verified.failure) {
        fail(member, *verified.failure);
    } else if (verified.end) {
        finish(member, *verified.end);
    } else {
        member.generation->flush(false);
    }
}

void Family::grow_trees(const std::vector<Member *> & members) {
    std::vector<draft::Drafter *> drafters;
    int nodes = 0;
    bool fixed = false;
    int deepest = 0;
    const int free_leaves = context_->free_sequences() / static_cast<int>(members.size());
    for (Member * member : members) {
        deepest = std::max(deepest, member->sequence.cached());
        draft::DraftLimits limits;
        const Generation & generation = *member->generation;
        const int left =
            generation.options().max_tokens - static_cast<int>(member->generation->metrics().output_tokens);
        const int room = options_.context_length - member->sequence.length();
        limits.chain = model_->draft_shape() == DraftShape::chain;
        limits.fixed = generation.options().draft_mode == DraftMode::fixed;
        limits.max_nodes = std::min(generation.options().draft_size, room);
        limits.max_depth = std::min({left - 1, room, context_->most_rollback()});
        limits.max_leaves = std::min(most_leaves, 1 + member->sequence.borrowed_leaves() + free_leaves);
        if (!generation.drafting() || limits.max_depth <= 0) limits.max_nodes = 0;
        member->drafter.begin(limits);
        if (limits.max_nodes == 0) continue;
        fixed = fixed || limits.fixed;
        nodes += limits.max_nodes;
        drafters.push_back(&member->drafter);
    }
    if (drafters.empty()) return;
    const int budget = std::min(nodes + static_cast<int>(members.size()), context_->most_outputs());
    const auto others = static_cast<int>(members.size() - drafters.size()); // roots of members without drafts
    draft::plan_pass(drafters, cost_, deepest, budget, fixed, others);
}

DecodeStatus Family::decode_trees(const std::vector<Member *> & members, bool with_drafts) {
    batch_.clear();
    tree_rows_.clear();
    for (Member * member : members) {
        if (!with_drafts) member->drafter.begin({.max_nodes = 0});
        tree_rows_.emplace_back(batch_, member->sequence, member->drafter.tree());
    }
    return context_->decode(batch_);
}

Family::Verified Family::take_verified(Member & member, const TreeRows & rows,
                                       const draft::DraftTree & tree) {
    Generation & generation = *member.generation;
    Metrics & metrics = generation.metrics();
    for (const auto & node : tree.nodes) {
        ++metrics.drafted;
        ++metrics.drafted_by_source[static_cast<size_t>(node.source)];
    }

    Verified verified;
    verified.said.reserve(tree.nodes.size() + 1);
    int node = -1;
    bool drawn = false; // whether the row of `node` gave a token
    const auto draw = [&] {
        drawn = false;
        const float * const logits = context_->logits(rows.row(node));
        const TopLogits top = top_logits(logits, model_->vocabulary_size());
        const auto choice = with_assertions("DECODE_FAILED", "Sampling", [&] {
            return generation.choose(logits, top, member.sequence.length());
        });
        if (!choice) {
            verified.end = FinishReason::end;
            return -1;
        }
        if (generation.recycling()) recycle(member, member.sequence.history().back(), top);
        const int child = tree.child(node, choice->token);
        const int source = child >= 0 ? static_cast<int>(tree.nodes[child].source) : source_model;
        verified.end =
            with_assertions("DECODE_FAILED", "Sampling", [&] { return generation.commit(*choice, source); });
        member.sequence.append(choice->token);
        verified.said.push_back(choice->token);
        drawn = true;
        if (child >= 0) {
            ++metrics.accepted;
            ++metrics.accepted_by_source[source];
            verified.recycled += tree.nodes[child].source == draft::Source::recycled;
        }
        return verified.end ? -1 : child;
    };
    with_errors(
        [&] {
            for (int child = draw(); child >= 0; child = draw()) node = child;
        },
        [&](const Error & error) { verified.failure = error; });
    if (verified.failure && (member.aborted() || thread_.stopping())) {
        verified.failure.reset();
        verified.end = FinishReason::aborted;
    }
    if (drawn)
        rows.settle(member.sequence, tree, node);
    else // the last token said is in the cache, but its logits are still to be asked for
        member.sequence.discard_uncached();
    return verified;
}

double Family::recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified) {
    if (!member.scans.affords()) return 0;
    const Stopwatch watch;
    const draft::DraftTree & tree = member.drafter.tree();
    for (int node = 0; node < tree.size(); ++node) {
        const Token token = tree.nodes[node].token;
        // What follows a token where the model said it is known better.
        if (std::find(verified.said.begin(), verified.said.end(), token) != verified.said.end()) continue;
        recycle(member, token, top_logits(context_->logits(rows.row(node)), model_->vocabulary_size()));
    }
    return watch.milliseconds();
}

void Family::recycle(Member & member, Token after, const TopLogits & top) {
    member.drafter.recycle(after, top);
    member.recycled.push_back(after);
}

} // namespace reprise
