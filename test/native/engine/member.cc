#include "engine/member.h"

#include <random>

#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;

namespace {

void check_same_tokens(const Member & member) {
    const auto & history = member.sequence.history();
    const auto text = member.drafter.text();
    CHECK(std::equal(history.begin(), history.end(), text.begin(), text.end()));
}

} // namespace

TEST_CASE("member: sequence and drafter hold the same tokens, whatever is done") {
    std::mt19937 random(3);
    const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
    const auto some = [&](int count) {
        std::vector<Token> tokens(count);
        for (Token & token : tokens) token = 100 + below(5);
        return tokens;
    };
    Context context(test_model().model, test_context(), [] { return false; });
    std::vector<std::unique_ptr<Member>> members;
    members.push_back(std::make_unique<Member>(context));
    for (int i = 0; i < 2000; ++i) {
        Member & member = *members[below(static_cast<int>(members.size()))];
        const int length = member.sequence.length();
        switch (below(5)) {
        case 0: {
            const auto tokens = some(1 + below(40));
            const auto & history = member.sequence.history();
            const auto differ = std::mismatch(history.begin(), history.end(), tokens.begin(), tokens.end());
            const auto common = differ.first - history.begin();
            CHECK(member.replace(tokens) == common);
            CHECK(member.sequence.history() == tokens);
            break;
        }
        case 1:
            member.append(some(1 + below(6)));
            break;
        case 2:
            member.truncate(below(length + 1));
            CHECK(member.sequence.length() <= length);
            break;
        case 3:
            if (length > 16) {
                member.shift(4);
                CHECK(member.sequence.length() == length - (length - 4) / 2);
            }
            break;
        default:
            if (members.size() < 8)
                members.push_back(std::make_unique<Member>(member));
            else // never the first, so that one is left
                members.erase(members.begin() + 1 + below(static_cast<int>(members.size()) - 1));
        }
        for (const auto & one : members) check_same_tokens(*one);
    }
}
