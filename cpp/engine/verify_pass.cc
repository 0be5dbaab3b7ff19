#include "engine/verify_pass.h"

#include <algorithm>
#include <map>

#include "draft/plan.h"
#include "engine/busy_time.h"

namespace reprise {

namespace {

constexpr int most_leaves = 32;

} // namespace

void VerifyPass::grow_trees(const std::vector<Member *> & members) {
    watch_ = Stopwatch();
    const int context_length = context_.options().context_length;
    const auto count = static_cast<int>(members.size());
    std::vector<draft::Drafter *> drafters;
    int nodes = 0;
    bool fixed = false;
    int deepest = 0;
    const int free_leaves = context_.free_sequences() / count;
    for (Member * member : members) {
        deepest = std::max(deepest, member->sequence.cached());
        Generation & generation = *member->generation;
        const int left =
            generation.options().max_tokens - static_cast<int>(generation.metrics().output_tokens);
        const int room = context_length - member->sequence.length();
        draft::DraftLimits limits;
        limits.chain = context_.model().draft_shape() == DraftShape::chain;
        limits.fixed = generation.options().draft_mode == DraftMode::fixed;
        limits.max_nodes = std::min(generation.options().draft_size, room);
        limits.max_depth = std::min({left - 1, room, context_.most_rollback()});
        limits.max_leaves = std::min(most_leaves, 1 + member->sequence.borrowed_leaves() + free_leaves);
        if (!generation.drafting() || limits.max_depth <= 0) limits.max_nodes = 0;
        member->drafter.begin(limits);
        if (limits.max_nodes == 0) continue;
        fixed = fixed || limits.fixed;
        nodes += limits.max_nodes;
        drafters.push_back(&member->drafter);
    }
    if (!drafters.empty()) {
        const int budget = std::min(nodes + count, context_.most_outputs());
        const int others = count - static_cast<int>(drafters.size()); // roots of members without drafts
        draft::plan_pass(drafters, cost_, deepest, budget, fixed, others);
    }
    draft_ms_ = watch_.milliseconds() / count;
}

std::vector<std::vector<Member *>> VerifyPass::parts(const std::vector<Member *> & members) const {
    if (context_.model().draft_shape() != DraftShape::chain) return {members};
    // llama.cpp computes chains of different lengths, or more rows than a micro batch has, one after another,
    // and a later one's recurrent states may take the cells of an earlier one's. That moves the state, but
    // not the snapshots that a rejected draft goes back to.
    std::map<int, std::vector<Member *>> by_rows;
    for (Member * member : members) by_rows[1 + member->drafter.tree().size()].push_back(member);
    std::vector<std::vector<Member *>> parts;
    for (const auto & [rows, same] : by_rows) {
        const auto most = static_cast<size_t>(std::max(1, context_.options().micro_batch_size / rows));
        add_groups(same, most, parts);
    }
    return parts;
}

bool VerifyPass::is_short() const {
    const int depth = members_.front()->sequence.cached();
    return cost_.measured() && cost_.steady_milliseconds(static_cast<int>(members_.size()), depth) < 1;
}

void VerifyPass::choose_threads() {
    const bool is_timed = std::all_of(members_.begin(), members_.end(), [](const Member * member) {
        return member->generation->options().draft_mode == DraftMode::automatic;
    });
    chooses_threads_ = is_timed && thread_choice_.most() > 1 && cost_.measured() && !is_short();
    context_.use_threads(chooses_threads_ ? thread_choice_.threads() : context_.options().threads);
}

DecodeStatus VerifyPass::decode_trees(bool with_drafts) {
    batch_.clear();
    rows_.clear();
    for (Member * member : members_) {
        if (!with_drafts) member->drafter.begin({.max_nodes = 0});
        rows_.emplace_back(batch_, member->sequence, member->drafter.tree());
    }
    return context_.decode(batch_);
}

DecodeStatus VerifyPass::compute(const std::vector<Member *> & members) {
    members_ = members;
    const Stopwatch watch;
    choose_threads();
    const BusyTime busy(is_short() ? 0 : context_.computing_threads());
    DecodeStatus status = decode_trees(true);
    if (status == DecodeStatus::no_room) {
        for (Member * member : members) member->sequence.return_leaves();
        status = decode_trees(false);
    }
    if (status != DecodeStatus::done) return status;

    llama_synchronize(context_.handle());
    compute_ms_ = watch.milliseconds();
    learn_cost(busy.milliseconds(compute_ms_));
    return status;
}

void VerifyPass::learn_cost(double busy_ms) {
    const auto count = static_cast<int>(members_.size());
    const int depth = members_.front()->sequence.cached();
    const bool has_all_threads = context_.computing_threads() == thread_choice_.most();
    if (has_all_threads) cost_.observe(batch_.size(), depth, busy_ms);
    // What had kept this pass waiting would have kept others waiting too.
    double slowness = compute_ms_ / busy_ms;
    if (chooses_threads_) {
        const double of_all = compute_ms_ / cost_.steady_milliseconds(batch_.size(), depth);
        if (!has_all_threads) slowness = of_all;
        thread_choice_.observe(of_all);
    }
    plain_ms_ = cost_.steady_milliseconds(count, depth) / count * slowness;
}

bool VerifyPass::is_spoilt() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const TreeRows & rows) { return context_.is_spoilt(rows.row(-1)); });
}

Verified VerifyPass::take(size_t index) {
    Member & member = *members_[index];
    const TreeRows & rows = rows_[index];
    const draft::DraftTree & tree = member.drafter.tree();
    Generation & generation = *member.generation;
    Verified verified = sample_and_match(context_, member, rows, tree);
    if (generation.drafting()) member.drafter.learn(verified.tokens);
    if (generation.recycling()) {
        const double spent_ms = recycle_rejected(member, rows, verified);
        member.scans.observe(watch_.milliseconds() / static_cast<double>(members_.size()), spent_ms,
                             verified.recycled * plain_ms_);
    }
    keep_verified(member, rows, tree, verified);
    Metrics & metrics = generation.metrics();
    const auto count = static_cast<int64_t>(verified.tokens.size());
    ++metrics.passes;
    metrics.pass_tokens += count;
    metrics.draft_micros += 1000 * draft_ms_;
    metrics.plain_ms_estimate += plain_ms_ * count;
    metrics.decode_ms += watch_.milliseconds();
    RowTiming & timing = metrics.passes_by_rows[batch_.size()];
    ++timing.passes;
    timing.milliseconds += compute_ms_;
    return verified;
}

double VerifyPass::recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified) {
    if (!member.scans.affords()) return 0;
    const Stopwatch watch;
    const draft::DraftTree & tree = member.drafter.tree();
    const auto & said = verified.tokens;
    for (int node = 0; node < tree.size(); ++node) {
        const Token token = tree.nodes[node].token;
        // What follows a token where the model said it is known better.
        if (std::find(said.begin(), said.end(), token) != said.end()) continue;
        member.recycle(token,
                       top_logits(context_.logits(rows.row(node)), context_.model().vocabulary_size()));
    }
    return watch.milliseconds();
}

} // namespace reprise
