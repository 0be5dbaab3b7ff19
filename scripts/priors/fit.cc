// Fits the acceptance priors (cpp/draft/priors_data.h) to recorded conversations: see README.md here.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>

#include "conversations.h"
#include "draft/replay.h"
#include "training.h"

using namespace reprise::draft;
using namespace reprise::priors;

namespace {

constexpr double row_costs[] = {0.02, 0.1, 0.3};

/// A drafter that goes through a conversation, with earlier ones to draw on if given; `pass(drafter, answer,
/// at, kind_of_turn)` commits tokens of the answer from `at` on and returns how many.
template <typename Pass>
void walk(const Conversation & conversation, const Network & network,
          const std::shared_ptr<SuffixIndex> & earlier, Pass pass) {
    auto drafter = std::make_unique<Drafter>(network);
    if (earlier) drafter->share_documents(earlier, Source::corpus);
    int kind_of_turn = 256 * conversation.dataset;
    for (const Turn & turn : conversation.turns) {
        ++kind_of_turn;
        drafter->append(turn.prompt, Source::prompt);
        drafter->append(std::span(turn.answer).first(1), Source::output);
        for (size_t at = 1; at < turn.answer.size();) at += pass(*drafter, turn.answer, at, kind_of_turn);
    }
}

void collect(Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind_of_turn,
             std::vector<Sample> & samples) {
    drafter.follow(std::span(answer).subspan(at), [&](const Continuations & continuations, Token token) {
        for (size_t i = 0; i < continuations.size(); ++i)
            samples.push_back(
                {continuations.evidence[i], continuations.list[i].token == token, kind_of_turn});
    });
}

/// Evidence at every second token of the answers: what a drafter without priors may start from.
std::vector<Sample> anywhere(const std::vector<Conversation> & conversations, const Network & network) {
    std::vector<Sample> samples;
    for (const Conversation & conversation : conversations)
        walk(conversation, network, nullptr,
             [&](Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind) {
                 if (at % 2 == 0) collect(drafter, answer, at, kind, samples);
                 drafter.append(std::span(answer).subspan(at, 1), Source::output);
                 return size_t{1};
             });
    return samples;
}

/// Evidence where the passes of a drafter with this network really start: at three costs of a row, and at the
/// middle one with all earlier conversations of the data set to draw on.
std::vector<Sample> where_passes_start(const std::vector<Conversation> & conversations,
                                       const Network & network) {
    std::vector<Sample> samples;
    std::map<int, std::shared_ptr<SuffixIndex>> earlier;
    for (const Conversation & conversation : conversations) {
        const auto from = [&](const std::shared_ptr<SuffixIndex> & documents, double row_cost) {
            const PassCost cost = PassCost::linear(row_cost);
            walk(conversation, network, documents,
                 [&](Drafter & drafter, const std::vector<Token> & answer, size_t at, int kind) {
                     collect(drafter, answer, at, kind, samples);
                     return static_cast<size_t>(replay_step(drafter, answer, at, cost).accepted) + 1;
                 });
        };
        for (const double row_cost : row_costs) from(nullptr, row_cost);
        auto & documents = earlier[conversation.dataset];
        if (documents)
            from(documents, row_costs[1]);
        else
            documents = std::make_shared<SuffixIndex>();
        if (documents->length() > 0) documents->append(separator);
        for (const Turn & turn : conversation.turns) {
            documents->append(turn.prompt);
            documents->append(turn.answer);
        }
    }
    return samples;
}

bool write(const char * path, const Network & network) {
    std::FILE * const file = std::fopen(path, "w");
    if (file == nullptr) return false;
    std::fputs("#pragma once\n\n// Written by scripts/priors/fit.cc.\n\n#include \"draft/acceptance.h\"\n\n"
               "namespace reprise::draft {\n\ninline constexpr Network shipped_network{\n    {\n",
               file);
    const auto literal = [&](const float * values, int count) {
        std::fputs("    {", file);
        for (int i = 0; i < count; ++i) {
            char text[32];
            std::snprintf(text, sizeof text, "%#.5g", values[i]);
            std::fprintf(file, "%s%sf", i == 0 ? "" : i % 8 == 0 ? ",\n     " : ", ", text);
        }
        std::fputs("},\n", file);
    };
    for (const auto & weights : network.weights) literal(weights, Network::hidden);
    std::fputs("    },\n", file);
    literal(network.bias, Network::hidden);
    literal(network.output, Network::hidden);
    std::fprintf(file, "    %#.5gf};\n\n} // namespace reprise::draft\n", network.output_bias);
    return std::fclose(file) == 0;
}

} // namespace

int main(int argc, char ** argv) {
    if (argc != 4 || (std::strcmp(argv[2], "train") != 0 && std::strcmp(argv[2], "all") != 0)) {
        std::fprintf(stderr, "usage: fit TOKENS train|all HEADER\n");
        return 2;
    }
    std::vector<Conversation> train, test;
    if (!read_conversations(argv[1], train)) {
        std::fprintf(stderr, "fit: cannot read %s\n", argv[1]);
        return 1;
    }
    // By question, so that answers of two models to one question are on the same side.
    const auto held_out = [](const Conversation & c) { return c.question % 2 == 1; };
    std::copy_if(train.begin(), train.end(), std::back_inserter(test), held_out);
    if (std::strcmp(argv[2], "train") == 0) std::erase_if(train, held_out);

    auto network = std::make_unique<Network>();
    std::vector<Sample> samples = anywhere(train, *network);
    fit(*network, samples, 2, true);
    samples = where_passes_start(train, *network);
    balance(samples);
    fit(*network, samples, 16, false);
    std::printf("%zu samples, log loss %.5f; on the questions with odd numbers %.5f\n", samples.size(),
                log_loss(*network, samples), log_loss(*network, where_passes_start(test, *network)));
    if (write(argv[3], *network)) return 0;
    std::fprintf(stderr, "fit: cannot write %s\n", argv[3]);
    return 1;
}
