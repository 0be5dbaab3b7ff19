#include "engine/verify_pass.h"

#include <algorithm>
#include <map>

#include "draft/plan.h"

namespace reprise {

namespace {

/// A leaf costs a sequence id. These are half of a session's own (`default_sequences`), so that its forks
/// have some.
constexpr int max_leaves = 32;

using Group = std::vector<Member *>;

void add_groups(const Group & members, int max_size, std::vector<Group> & groups) {
    for (size_t first = 0; first < members.size(); first += max_size) {
        const auto end = std::min(members.size(), first + max_size);
        groups.emplace_back(members.begin() + first, members.begin() + end);
    }
}

/// The members of a pass that verify drafts. In the order of a pass they come first.
Group verifying(const Group & members) {
    const auto end = std::find_if(members.begin(), members.end(),
                                  [](const Member * member) { return member->in_prompt(); });
    return {members.begin(), end};
}

} // namespace

std::vector<Group> VerifyPass::groups(const std::vector<Member *> & members) const {
    // Where what one member computes could take cells that another's next pass needs (recurrent states,
    // windows whose cells are given away), each prompt has a pass of its own. So has an image.
    const bool prompts_share =
        context_.model().draft_shape() == DraftShape::tree && !context_.prunes_window();
    std::vector<Group> groups;
    Group together, prompts;
    for (Member * member : members) {
        if (!member->in_prompt())
            together.push_back(member);
        else if (prompts_share && !member->alone && !member->sequence.images().at(member->sequence.cached()))
            prompts.push_back(member);
        else
            groups.push_back({member});
    }
    together.insert(together.end(), prompts.begin(), prompts.end());
    // Every member has a row at least, and maybe logits.
    add_groups(together, std::min(context_.max_outputs(), context_.options().batch_size), groups);
    return groups;
}

std::vector<Group> VerifyPass::plan(const std::vector<Member *> & members) {
    const Stopwatch watch;
    std::vector<Group> passes;
    int trees = 0;
    for (const Group & group : groups(members)) {
        const Group growing = verifying(group);
        trees += static_cast<int>(growing.size());
        grow_trees(growing, static_cast<int>(group.size() - growing.size()));
        if (growing.empty() || context_.model().draft_shape() != DraftShape::chain) {
            passes.push_back(group);
            continue;
        }
        // llama.cpp computes chains of different lengths, or more rows than a micro batch has, one after
        // another, and a later one's recurrent states may take the cells of an earlier one's. That moves the
        // state, but not the snapshots that a rejected draft goes back to.
        std::map<int, Group> by_rows;
        for (Member * member : growing) by_rows[1 + member->drafter.tree().size()].push_back(member);
        for (const auto & [rows, same] : by_rows)
            add_groups(same, std::max(1, context_.options().micro_batch_size / rows), passes);
    }
    draft_ms_ = watch.milliseconds() / std::max(1, trees);
    return passes;
}

void VerifyPass::grow_trees(const std::vector<Member *> & members, int prompts) {
    if (members.empty()) return;
    const auto count = static_cast<int>(members.size());
    const int free_leaves = context_.free_sequences() / count;
    std::vector<draft::Drafter *> drafters;
    int nodes = 0;
    bool fixed = false;
    int deepest = 0;
    try {
        std::vector<draft::DraftLimits> limits;
        std::vector<Member *> growing;
        for (Member * member : members) {
            deepest = std::max(deepest, member->sequence.cached());
            const draft::DraftLimits own = this->limits(*member, free_leaves);
            if (own.max_nodes == 0) {
                member->drafter.begin(own);
                continue;
            }
            fixed = fixed || own.fixed;
            nodes += own.max_nodes;
            limits.push_back(own);
            drafters.push_back(&member->drafter);
            growing.push_back(member);
        }
        if (drafters.empty()) return;
        draft::Drafter::search_documents(drafters, !fixed);
        const int roots = count - static_cast<int>(drafters.size()); // of members without drafts
        const draft::TimeWorth worth = draft::time_worth(drafters, cost_, deepest, roots);
        for (size_t i = 0; i < drafters.size(); ++i)
            drafters[i]->begin(limits[i], growing[i]->generation->begin_guide(),
                               growing[i]->draft_sequence.get(), worth);
        // Beside prompts at most half of the batch, lest the prompts wait.
        const int batch = context_.options().batch_size;
        const int room = prompts > 0 ? std::clamp(batch / 2, count, batch - prompts) : batch;
        const int row_budget = std::min({nodes + count, context_.max_outputs() - prompts, room});
        draft::plan_pass(drafters, cost_, deepest, row_budget, fixed, roots);
        for (Member * member : growing) count_asked(*member);
    } catch (const std::bad_alloc &) {
        for (Member * member : members) member->drafter.begin({.max_nodes = 0});
    }
}

void VerifyPass::count_asked(Member & member) {
    if (!member.draft_sequence) return;
    const DraftSequence::Asked asked = member.draft_sequence->take_asked();
    member.generation->metrics().draft_model_passes += asked.times;
    member.generation->metrics().draft_model_ms += asked.milliseconds;
}

draft::DraftLimits VerifyPass::limits(const Member & member, int free_leaves) const {
    Generation & generation = *member.generation;
    const int left = generation.options().max_tokens - static_cast<int>(generation.metrics().output_tokens);
    const int room = context_.options().context_length - member.sequence.length();
    draft::DraftLimits limits;
    limits.chain = context_.model().draft_shape() == DraftShape::chain;
    limits.fixed = generation.options().draft_mode == DraftMode::fixed;
    limits.mix = generation.options().mix;
    limits.max_nodes = std::min(generation.options().draft_size, room);
    limits.max_depth = std::min({left - 1, room, context_.max_rollback()});
    limits.max_leaves = std::min(max_leaves, 1 + member.sequence.borrowed_leaves() + free_leaves);
    if (!generation.drafting() || limits.max_depth <= 0) limits.max_nodes = 0;
    return limits;
}

DecodeStatus VerifyPass::decode_rows(bool with_drafts) {
    batch_.clear();
    rows_.clear();
    auto left = static_cast<int>(members_.size());
    for (Member * member : members_) {
        const int share = (context_.options().batch_size - batch_.size()) / left--;
        if (member->in_prompt()) {
            rows_.emplace_back(PromptRows(batch_, *member, share));
        } else {
            if (!with_drafts) member->drafter.begin({.max_nodes = 0});
            rows_.emplace_back(TreeRows(batch_, member->sequence, member->drafter.tree()));
        }
    }
    watch_.spent_on(&PassParts::bookkeeping);
    const DecodeStatus status = context_.decode(batch_);
    if (status == DecodeStatus::done) context_.synchronize();
    watch_.spent_on(&PassParts::compute);
    return status;
}

DecodeStatus VerifyPass::compute(const std::vector<Member *> & members) {
    members_ = members;
    watch_ = PartsWatch();
    const Group trees = verifying(members);
    timing_.begin(trees, trees.size() < members.size());
    DecodeStatus status = decode_rows(true);
    if (status == DecodeStatus::no_room && !trees.empty()) {
        for (Member * member : trees) member->sequence.return_leaves();
        status = decode_rows(false);
    }
    if (status != DecodeStatus::done) return status;
    fetched_ = context_.logits().fetched();
    announce_draws();
    watch_.spent_on(&PassParts::sampling);
    int tree_rows = 0;
    for (const Member * member : trees) tree_rows += 1 + member->drafter.tree().size();
    timing_.end(tree_rows);
    return status;
}

void VerifyPass::announce_draws() {
    static const draft::DraftTree none;
    std::vector<DrawnTree> draws;
    for (size_t i = 0; i < members_.size(); ++i) {
        const Member & member = *members_[i];
        if (!member.generation) continue;
        const Draw root{member.generation->draw_rule(), member.sequence.length()};
        if (const auto * const rows = std::get_if<TreeRows>(&rows_[i]))
            draws.push_back({rows->row(-1), member.drafter.tree(), root});
        else if (const auto & rows = std::get<PromptRows>(rows_[i]); rows.gives_token())
            draws.push_back({rows.last_row(), none, root});
    }
    context_.logits().expect(draws);
}

// A cell that holds no number spoils every row of the context, also of members that do not see it, where
// attention multiplies masked cells by 0 (llama.cpp's does): 0 times NaN is NaN. So does the cell of a draft,
// or one that was given back.
bool VerifyPass::is_spoilt() const {
    const auto row = [](const auto & rows) {
        if constexpr (std::is_same_v<std::decay_t<decltype(rows)>, TreeRows>)
            return rows.row(-1);
        else
            return rows.last_row();
    };
    return std::any_of(rows_.begin(), rows_.end(), [&](const auto & rows) {
        const int last = std::visit(row, rows);
        return last >= 0 && context_.logits().is_spoilt(last);
    });
}

std::optional<Verified> VerifyPass::take(size_t index) {
    return std::visit(
        [&](const auto & rows) -> std::optional<Verified> { return take(*members_[index], rows); },
        rows_[index]);
}

std::optional<Verified> VerifyPass::take(Member & member, const PromptRows & rows) {
    rows.give_hidden_rows(member);
    rows.keep(member);
    if (!member.generation) return std::nullopt;
    std::optional<Verified> verified;
    if (rows.gives_token()) {
        member.spoilt = member.alone = false;
        // The root alone: nothing is drafted in the pass that the prompt needs anyway.
        const TreeRows root(rows.last_row());
        verified = sample_and_match(context_, member, root, {});
        member.append(verified->tokens);
        keep_cells(member, root, {}, *verified);
        count_logits(member, 1);
    }
    member.generation->metrics().prefill_ms += timing_.milliseconds();
    return verified;
}

std::optional<Verified> VerifyPass::take(Member & member, const TreeRows & rows) {
    // A full pruned cache can make llama.cpp cut a pass into parts, of which the later take what the root
    // sees.
    if (context_.prunes_window() && !member.sequence.sees_window()) {
        member.sequence.clear_cache();
        return std::nullopt;
    }
    const draft::DraftTree & tree = member.drafter.tree();
    Generation & generation = *member.generation;
    watch_.spent_on(&PassParts::bookkeeping);
    Verified verified = sample_and_match(context_, member, rows, tree);
    watch_.spent_on(&PassParts::sampling);
    if (generation.drafting()) member.drafter.learn(verified.tokens);
    if (generation.recycling()) {
        // Where sizes of trees are not to depend on time, nor are the drafts in them.
        const bool is_timed = generation.options().draft_mode == DraftMode::automatic;
        double spent_ms = 0;
        if (!is_timed || context_.logits().has_best() || member.scans.affords())
            spent_ms = recycle_rejected(member, rows, verified);
        watch_.spent_on(&PassParts::drafting);
        if (is_timed)
            member.scans.observe(watch_.parts().total() / static_cast<double>(members_.size()), spent_ms,
                                 verified.recycled * timing_.plain_share());
    }
    give_hidden_rows(member, rows, tree, verified);
    member.append(verified.tokens);
    watch_.spent_on(&PassParts::drafting);
    keep_cells(member, rows, tree, verified);
    count_logits(member, 1 + tree.size());
    Metrics & metrics = generation.metrics();
    const auto count = static_cast<int>(verified.tokens.size());
    ++metrics.passes;
    metrics.pass_tokens += count;
    metrics.plain_ms_estimate += timing_.plain_milliseconds(count);
    if (!timing_.is_mixed()) {
        RowTiming & timing = metrics.passes_by_rows[batch_.size()];
        ++timing.passes;
        timing.milliseconds += timing_.milliseconds();
    }
    watch_.spent_on(&PassParts::bookkeeping);
    metrics.decode_ms += watch_.parts();
    metrics.decode_ms.drafting += draft_ms_;
    return verified;
}

void VerifyPass::count_logits(Member & member, int rows) {
    const LogitsRead fetched = context_.logits().fetched();
    LogitsRead & read = member.generation->metrics().logits_read;
    read += context_.logits().read_beforehand(rows);
    read += fetched - fetched_;
    fetched_ = fetched;
}

double VerifyPass::recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified) {
    Logits & logits = context_.logits();
    const Stopwatch watch;
    const draft::DraftTree & tree = member.drafter.tree();
    const auto & committed = verified.tokens;
    for (int node = 0; node < tree.size(); ++node) {
        const Token token = tree.nodes[node].token;
        // What follows a token that was committed is known better.
        if (std::find(committed.begin(), committed.end(), token) != committed.end()) continue;
        if (const auto best = logits.best_unless_fetched(rows.row(node))) member.recycle(token, *best);
    }
    return watch.milliseconds();
}

} // namespace reprise
