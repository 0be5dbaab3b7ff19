#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "priors/conversations.h"
#include "priors/header.h"
#include "priors/training.h"
#include "random_text.h"
#include "temporary_folder.h"

using namespace reprise::priors;
using reprise::draft::Network;
using reprise::draft::Token;

namespace {

/// Random text of which every other stretch is copied from before.
std::vector<Token> partly_copied(Choices & choices, size_t length) {
    std::vector<Token> text;
    while (text.size() < length) {
        const size_t stretch = 4 + choices.below(20);
        const bool copies = text.size() > 60 && choices.below(2) == 0;
        const size_t from = copies ? choices.below(text.size() - stretch) : 0;
        for (size_t i = 0; i < stretch; ++i)
            text.push_back(copies ? text[from + i] : static_cast<Token>(choices.below(300)));
    }
    return text;
}

std::vector<Conversation> small_conversations() {
    Choices choices(1);
    std::vector<Conversation> conversations;
    for (int question = 0; question < 4; ++question) {
        Conversation & conversation = conversations.emplace_back(Conversation{question / 2, question, {}});
        for (int turn = 0; turn < 2; ++turn) {
            const std::vector<Token> text = partly_copied(choices, 600);
            const auto middle = text.begin() + 300;
            conversation.turns.push_back({{text.begin(), middle}, {middle, text.end()}});
        }
    }
    return conversations;
}

void write(std::ofstream & file, const std::vector<int32_t> & numbers) {
    file.write(reinterpret_cast<const char *>(numbers.data()),
               static_cast<std::streamsize>(numbers.size() * sizeof(int32_t)));
}

/// Writes the conversations as scripts/priors/tokenize.ts does.
void write(const std::string & path, const std::vector<Conversation> & conversations) {
    std::ofstream file(path, std::ios::binary);
    for (const Conversation & conversation : conversations) {
        write(file,
              {conversation.dataset, conversation.question, static_cast<int32_t>(conversation.turns.size())});
        for (const Turn & turn : conversation.turns)
            for (const std::vector<Token> & tokens : {turn.prompt, turn.answer}) {
                write(file, {static_cast<int32_t>(tokens.size())});
                write(file, tokens);
            }
    }
}

std::string without_spaces(std::string text) {
    std::erase_if(text, [](unsigned char c) { return std::isspace(c); });
    return text;
}

/// The numbers between braces of a header, in their order.
std::vector<float> numbers_of(const std::string & header) {
    std::string text = header.substr(header.find("shipped_network{"));
    text = text.substr(text.find('{'), text.find(';') - text.find('{'));
    std::ranges::replace_if(
        text, [](char c) { return c == '{' || c == '}' || c == ',' || c == 'f'; }, ' ');
    std::istringstream stream(text);
    return {std::istream_iterator<float>(stream), {}};
}

} // namespace

TEST_CASE("priors: conversations are read as they were written, and a file that ends too early is not") {
    const TemporaryFolder folder;
    const auto path = folder.path("conversations.tokens");
    const std::vector<Conversation> written = small_conversations();
    write(path, written);
    std::vector<Conversation> read;
    REQUIRE(read_conversations(path.c_str(), read));
    REQUIRE(read.size() == written.size());
    for (size_t i = 0; i < read.size(); ++i) {
        CHECK(read[i].dataset == written[i].dataset);
        CHECK(read[i].question == written[i].question);
        REQUIRE(read[i].turns.size() == written[i].turns.size());
        for (size_t turn = 0; turn < read[i].turns.size(); ++turn) {
            CHECK(read[i].turns[turn].prompt == written[i].turns[turn].prompt);
            CHECK(read[i].turns[turn].answer == written[i].turns[turn].answer);
        }
    }
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
    std::vector<Conversation> damaged;
    CHECK_FALSE(read_conversations(path.c_str(), damaged));
}

TEST_CASE("priors: fitting makes the log loss fall, and two epochs more make it fall further") {
    const std::vector<Conversation> conversations = small_conversations();
    std::vector<Sample> samples = samples_anywhere(conversations);
    REQUIRE(samples.size() > 2000);
    const auto accepted =
        std::ranges::count_if(samples, [](const Sample & sample) { return sample.accepted; });
    const double share = static_cast<double>(accepted) / static_cast<double>(samples.size());
    // What saying the mean of all samples would lose.
    const double of_mean = -share * std::log(share) - (1 - share) * std::log(1 - share);

    const auto network = std::make_unique<Network>();
    fit(*network, samples, 2, true);
    const double first = log_loss(*network, samples);
    CHECK(first < 0.5 * of_mean);
    fit(*network, samples, 2, false);
    CHECK(log_loss(*network, samples) < first);
}

TEST_CASE("priors: a fit of two rounds says more of where passes start than of chance") {
    const Fit fitted = fit_priors(small_conversations(), 2, 2);
    REQUIRE(fitted.samples.size() > 2000);
    CHECK(log_loss(*fitted.network, fitted.samples) < log_loss(Network{}, fitted.samples));
}

TEST_CASE("priors: the header that is written holds the network to five digits") {
    const Fit fitted = fit_priors(small_conversations(), 1, 1);
    const std::vector<float> numbers = numbers_of(header_of(*fitted.network));
    REQUIRE(numbers.size() == parameter_count);
    const float * const parameters = &fitted.network->weights[0][0];
    for (size_t i = 0; i < numbers.size(); ++i)
        CHECK(std::abs(numbers[i] - parameters[i]) <= 1e-4f * std::abs(parameters[i]));
}

TEST_CASE("priors: the header that ships is what is written for the network that ships") {
    std::ifstream file(REPRISE_PRIORS_DATA);
    const std::string shipped{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(shipped.empty());
    CHECK(without_spaces(header_of(Network::shipped())) == without_spaces(shipped));
}
