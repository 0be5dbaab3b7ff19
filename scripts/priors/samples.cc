#include "priors/samples.h"

#include <map>
#include <memory>
#include <span>

#include "draft/replay.h"

namespace reprise::priors {

using draft::Drafter;
using draft::Network;
using draft::Source;
using draft::SuffixIndex;
using draft::Token;

namespace {

/// What a row adds to a pass, in passes of one row: a data-centre GPU, a mid-range one, and two CPU cores.
constexpr double row_costs[] = {0.02, 0.1, 0.3};
constexpr double middle_row_cost = row_costs[1];

/// Goes through a conversation with a drafter, which may draw on earlier conversations where they are given.
/// `pass(drafter, answer, at, kind_of_turn)` commits tokens of the answer from `at` on and returns how many.
template <typename Pass>
void walk(const Conversation & conversation, const Network & network,
          const std::shared_ptr<SuffixIndex> & earlier, Pass pass) {
    auto drafter = std::make_unique<Drafter>(network);
    if (earlier) drafter->share_documents(draft::GrownIndex{earlier, {}}, Source::corpus);
    int kind_of_turn = 256 * conversation.dataset;
    for (const Turn & turn : conversation.turns) {
        ++kind_of_turn;
        drafter->append(turn.prompt, Source::prompt);
        if (turn.answer.empty()) continue;
        // The prompt's own pass gives the first token.
        drafter->append(std::span(turn.answer).first(1), Source::output);
        for (size_t at = 1; at < turn.answer.size();) at += pass(*drafter, turn.answer, at, kind_of_turn);
    }
}

void collect(Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind_of_turn,
             std::vector<Sample> & samples) {
    drafter.follow(std::span(answer).subspan(at),
                   [&](const draft::Continuations & continuations, Token token) {
                       for (size_t i = 0; i < continuations.size(); ++i)
                           samples.push_back({continuations.evidence[i], continuations.list[i].token == token,
                                              kind_of_turn});
                   });
}

} // namespace

std::vector<Sample> samples_anywhere(const std::vector<Conversation> & conversations) {
    std::vector<Sample> samples;
    // The evidence does not depend on what a network makes of it.
    const auto network = std::make_unique<Network>();
    for (const Conversation & conversation : conversations)
        walk(conversation, *network, nullptr,
             [&](Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind_of_turn) {
                 if (at % 2 == 0) collect(drafter, answer, at, kind_of_turn, samples);
                 drafter.append(std::span(answer).subspan(at, 1), Source::output);
                 return size_t{1};
             });
    return samples;
}

std::vector<Sample> samples_where_passes_start(const std::vector<Conversation> & conversations,
                                               const Network & network) {
    std::vector<Sample> samples;
    std::map<int, std::shared_ptr<SuffixIndex>> earlier;
    for (const Conversation & conversation : conversations) {
        const auto from = [&](const std::shared_ptr<SuffixIndex> & documents, double row_cost) {
            const auto cost = draft::PassCost::linear(row_cost);
            walk(conversation, network, documents,
                 [&](Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind_of_turn) {
                     collect(drafter, answer, at, kind_of_turn, samples);
                     return static_cast<size_t>(replay_step(drafter, answer, at, cost).accepted) + 1;
                 });
        };
        for (const double row_cost : row_costs) from(nullptr, row_cost);
        auto & documents = earlier[conversation.dataset];
        if (documents)
            from(documents, middle_row_cost);
        else
            documents = std::make_shared<SuffixIndex>();
        if (documents->length() > 0) documents->append(draft::separator);
        for (const Turn & turn : conversation.turns) {
            documents->append(turn.prompt);
            documents->append(turn.answer);
        }
    }
    return samples;
}

} // namespace reprise::priors
