#include "engine/row_scans.h"

#include <cmath>

#include "device/noise.h"

namespace reprise {

void RowScans::scan(const float * logits, int vocabulary_size, int rows, std::span<const Tree> trees) {
    request_.rows.assign(rows, {});
    request_.trees.clear();
    request_.tokens.clear();
    request_.parents.clear();
    draws_.assign(rows, std::nullopt);
    for (const auto & [root, in_order, drawn] : trees) {
        add(root, drawn.root);
        device::TreeRequest tree;
        tree.first_request = root;
        tree.first_node = static_cast<int32_t>(request_.tokens.size());
        if (in_order) {
            tree.nodes = drawn.tree.size();
            for (int i = 0; i < tree.nodes; ++i) {
                const draft::DraftNode & node = drawn.tree.nodes[i];
                request_.tokens.push_back(node.token);
                request_.parents.push_back(node.parent);
                add(root + 1 + i, {drawn.root.rule, drawn.root.position + node.depth});
            }
        }
        request_.trees.push_back(tree);
    }
    scan_ = &scanner_->scan(logits, vocabulary_size, request_);
}

void RowScans::add(int index, const Draw & draw) {
    device::RowRequest & row = request_.rows[index];
    const DrawRule & rule = draw.rule;
    switch (rule.needs) {
    case DrawRule::Needs::best:
    case DrawRule::Needs::whole:
        return;
    case DrawRule::Needs::noised:
        row.draw = device::RowDraw::noised;
        row.key = device::noise_key(rule.seed, draw.position);
        row.temperature = rule.temperature;
        // The function that llama.cpp's min-p calls.
        if (rule.min_p > 0) row.log_min_p = logf(rule.min_p);
        break;
    case DrawRule::Needs::top_k:
        row.draw = device::RowDraw::top_k;
        row.top_k = rule.top_k;
        break;
    }
    draws_[index] = draw;
}

TopLogits RowScans::best(int index) const {
    static_assert(std::tuple_size_v<TopLogits> == device::Best::width);
    TopLogits top;
    for (size_t rank = 0; rank < top.size(); ++rank) {
        const device::Ranked & one = scan_->best[index].at[rank];
        top[rank] = {one.token, one.logit};
    }
    return top;
}

std::optional<std::span<const draft::RankedToken>> RowScans::survivors(int index, const Draw & draw) {
    const std::optional<Draw> & prepared = draws_[index];
    if (!prepared || prepared->position != draw.position || prepared->rule != draw.rule) return std::nullopt;
    const device::Kept & kept = scanner_->kept(index);
    if (kept.count == device::Kept::unknown) return std::nullopt;
    survivors_.clear();
    for (int i = 0; i < kept.count; ++i) survivors_.push_back({kept.tokens[i].token, kept.tokens[i].logit});
    return survivors_;
}

} // namespace reprise
