// Replays recorded conversations with passes that take longer where their size changes, and says what they
// took. The times are computed, not measured, so two versions of the rule that chooses sizes can be compared
// to the last digit:
//
//   reprise-size-changes CONVERSATIONS CHANGE SECOND ROWS:MS…
//
// CONVERSATIONS is what scripts/priors/tokenize.ts writes. A pass takes MS by its rows, CHANGE milliseconds
// more where the one before had another size, and SECOND more where that one was the first of its size.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "draft/replay.h"
#include "priors/conversations.h"

using namespace reprise;
using draft::PassCost, draft::PassTime, draft::Source;

namespace {

struct Totals {
    double milliseconds = 0;
    double plain_milliseconds = 0; ///< of as many single tokens
    long passes = 0, changes = 0;
};

/// The rows that sessions time before their first answer.
constexpr int calibrated[] = {1, 2, 4, 6, 8, 9, 12, 16, 17, 24, 32, 33, 48, 64};

void replay(const priors::Conversation & conversation, const PassCost & truth, double change, double second,
            Totals & totals) {
    PassCost cost;
    for (const int rows : calibrated)
        cost.calibrate(rows, truth.milliseconds(rows, 0), truth.milliseconds(rows, 0) + change);
    draft::Drafter drafter;
    int last = 0, repeats = 0;
    for (const auto & [prompt, answer] : conversation.turns) {
        drafter.append(prompt, Source::prompt);
        if (answer.empty()) continue;
        drafter.append({answer.data(), 1}, Source::output);
        for (size_t done = 1; done < answer.size();) {
            const draft::ReplayStep step = draft::replay_step(drafter, answer, done, cost);
            const int rows = step.drafted + 1;
            repeats = rows == last ? repeats + 1 : 0;
            last = rows;
            const double steady = truth.milliseconds(rows, 0);
            const double taken = steady + (repeats == 0 ? change : repeats == 1 ? second : 0);
            cost.observe(rows, static_cast<int>(drafter.length()), taken);
            done += step.accepted + 1;
            totals.milliseconds += taken;
            totals.plain_milliseconds += (step.accepted + 1) * truth.milliseconds(1, 0);
            totals.changes += repeats == 0;
            ++totals.passes;
        }
    }
}

} // namespace

int main(int argc, char ** argv) {
    std::vector<priors::Conversation> conversations;
    std::vector<PassTime> times;
    for (int i = 4; i < argc; ++i) {
        PassTime time{};
        if (std::sscanf(argv[i], "%d:%lf", &time.rows, &time.milliseconds) != 2) break;
        times.push_back(time);
    }
    if (argc < 5 || static_cast<int>(times.size()) != argc - 4 ||
        !priors::read_conversations(argv[1], conversations)) {
        std::fputs("usage: reprise-size-changes CONVERSATIONS CHANGE SECOND ROWS:MS...\n", stderr);
        return 1;
    }
    const PassCost truth = PassCost::staircase(times);
    Totals totals;
    for (const auto & conversation : conversations)
        replay(conversation, truth, std::atof(argv[2]), std::atof(argv[3]), totals);
    std::printf("%.1f ms, %.4f of plain decoding; %ld passes, of which %.3f changed their size\n",
                totals.milliseconds, totals.milliseconds / totals.plain_milliseconds, totals.passes,
                static_cast<double>(totals.changes) / totals.passes);
}
