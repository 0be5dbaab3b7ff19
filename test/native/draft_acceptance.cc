#include <doctest/doctest.h>

#include "draft/acceptance.h"

#include <algorithm>

using namespace reprise::draft;

namespace {
/// Evidence for the only place there is, with a match of `length` tokens.
Evidence lone_match(int length) {
    Evidence e;
    e[Evidence::length] = e[Evidence::top_length] = e[Evidence::lead] = Evidence::log(length);
    e[Evidence::short_length] = static_cast<float>(std::min(length, 4));
    e[Evidence::vote_share] = e[Evidence::count_share] = e[Evidence::top_share] = 1;
    e[Evidence::count] = e[Evidence::total] = e[Evidence::tokens] = Evidence::log(1);
    e[Evidence::latest] = 1;
    e[Evidence::distance] = Evidence::log(200);
    e[Evidence::in_earlier_output] = 1;
    e[Evidence::recent_rate] = e[Evidence::long_rate] = 0.5f;
    e[Evidence::written] = Evidence::log(50);
    return e;
}
} // namespace

TEST_CASE("acceptance: the shipped priors trust a long match more than a short one") {
    const Acceptance acceptance(Network::shipped());
    CHECK(acceptance.probability(lone_match(16)) > 0.8);
    CHECK(acceptance.probability(lone_match(1)) < acceptance.probability(lone_match(4)));
    CHECK(acceptance.probability(lone_match(4)) < acceptance.probability(lone_match(16)));
}

TEST_CASE("acceptance: rejections lower the probability of their own kind, and acceptances raise it again") {
    Acceptance acceptance(Network::shipped());
    const Evidence shorter = lone_match(2), longer = lone_match(16);
    const double before = acceptance.probability(shorter), other = acceptance.probability(longer);
    const auto learn = [&](bool accepted) {
        for (int i = 0; i < 30; ++i)
            acceptance.learn(Acceptance::kind_of(shorter), acceptance.probability(shorter), accepted);
    };
    learn(false);
    const double low = acceptance.probability(shorter);
    CHECK(low < before);
    CHECK(acceptance.probability(longer) == other);
    learn(true);
    CHECK(acceptance.probability(shorter) > low);
}

TEST_CASE("acceptance: a streak of rejections leaves a probability above zero") {
    Acceptance acceptance(Network::shipped());
    const Evidence evidence = lone_match(16);
    for (int i = 0; i < 10000; ++i)
        acceptance.learn(Acceptance::kind_of(evidence), acceptance.probability(evidence), false);
    CHECK(acceptance.probability(evidence) > 0.2);
}

TEST_CASE("acceptance: recycled candidates rank as the model ranked them") {
    const Acceptance acceptance(Network::shipped());
    for (int rank = 1; rank < Acceptance::recycled_ranks; ++rank)
        CHECK(acceptance.recycled(rank) < acceptance.recycled(rank - 1));
}

TEST_CASE("acceptance: what documents' drafts met says nothing about those of the conversation") {
    Acceptance acceptance(Network::shipped());
    const Evidence said = lone_match(8);
    Evidence document = said;
    document[Evidence::in_earlier_output] = 0;
    document[Evidence::in_document] = 1;
    const double before = acceptance.probability(document), other = acceptance.probability(said);
    for (int i = 0; i < 30; ++i)
        acceptance.learn(Acceptance::kind_of(document), acceptance.probability(document), false);
    CHECK(acceptance.probability(document) < before);
    CHECK(acceptance.probability(said) == other);
}
