#include "replay.h"

#include "plan.h"

#include <chrono>

namespace reprise::draft {

namespace {
/// Beyond these nothing changes in the recorded conversations.
constexpr DraftLimits replay_limits{
    .max_nodes = 128, .max_leaves = 64, .max_depth = 128, .chain = false, .fixed = false};
} // namespace

ReplayStep replay_step(Drafter & drafter, std::span<const Token> truth, size_t offset, double row_cost) {
    const auto start = std::chrono::steady_clock::now();
    drafter.begin(replay_limits);
    Drafter * const member = &drafter;
    plan_pass({&member, 1}, PassCost::linear(row_cost), static_cast<int>(drafter.length()),
              PassCost::max_rows);
    const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;

    const DraftTree & tree = drafter.tree();
    ReplayStep step{tree.size(), 0, elapsed.count()};
    // The last token is the pass's own, whether or not a draft holds it.
    for (int node = -1; offset + step.accepted + 1 < truth.size(); ++step.accepted) {
        node = tree.child(node, truth[offset + step.accepted]);
        if (node < 0) break;
    }
    const auto said = truth.subspan(offset, static_cast<size_t>(step.accepted) + 1);
    drafter.learn(said);
    drafter.append(said, Source::output);
    return step;
}

} // namespace reprise::draft
