#include "draft/replay.h"

#include <chrono>

#include "draft/plan.h"

namespace reprise::draft {

namespace {
/// Beyond these nothing changes in the recorded conversations.
constexpr DraftLimits replay_limits{
    .max_nodes = 128, .max_leaves = 64, .max_depth = 128, .chain = false, .fixed = false};

double micros_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}
} // namespace

ReplayStep replay_step(Drafter & drafter, std::span<const Token> truth, size_t offset, const PassCost & cost,
                       DraftModel * model, Mix mix) {
    const auto start = std::chrono::steady_clock::now();
    DraftLimits limits = replay_limits;
    limits.mix = mix;
    Drafter * const member = &drafter;
    const std::span<Drafter * const> members(&member, 1);
    const auto depth = static_cast<int>(drafter.length());
    drafter.begin(limits, nullptr, model, time_worth(members, cost, depth));
    plan_pass(members, cost, depth, PassCost::max_rows);

    const DraftTree & tree = drafter.tree();
    ReplayStep step{tree.size(), 0, micros_since(start), drafter.asked(), drafter.asking_milliseconds()};
    // The last token is the pass's own, whether or not a draft holds it.
    for (int node = -1; offset + step.accepted + 1 < truth.size(); ++step.accepted) {
        node = tree.child(node, truth[offset + step.accepted]);
        if (node < 0) break;
    }
    const auto committed = truth.subspan(offset, static_cast<size_t>(step.accepted) + 1);
    drafter.learn(committed);
    drafter.append(committed, Source::output);
    return step;
}

double draft_fixed(Drafter & drafter, int nodes) {
    DraftLimits limits = replay_limits;
    limits.max_nodes = nodes;
    limits.fixed = true;
    const auto start = std::chrono::steady_clock::now();
    drafter.begin(limits);
    while (drafter.peek() > 0) drafter.take();
    return micros_since(start);
}

} // namespace reprise::draft
