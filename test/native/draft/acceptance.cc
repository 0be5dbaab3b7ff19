#include "draft/acceptance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

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

/// The bucket of such a match, whose length its evidence tells.
CalibrationBucket bucket_of(const Evidence & evidence, Source source) {
    return calibration_bucket(static_cast<int>(std::lround(std::exp2(evidence[Evidence::length]))) - 1,
                              source);
}

double probability(const Acceptance & acceptance, const Evidence & evidence, Source source = Source::output) {
    float log_odds;
    acceptance.prior().log_odds({&evidence, 1}, &log_odds);
    return acceptance.probability(log_odds, bucket_of(evidence, source));
}
} // namespace

TEST_CASE("acceptance: the shipped priors trust a long match more than a short one") {
    const Acceptance acceptance(Network::shipped());
    CHECK(probability(acceptance, lone_match(16)) > 0.8);
    CHECK(probability(acceptance, lone_match(1)) < probability(acceptance, lone_match(4)));
    CHECK(probability(acceptance, lone_match(4)) < probability(acceptance, lone_match(16)));
}

TEST_CASE(
    "acceptance: rejections lower the probability of their own bucket, and acceptances raise it again") {
    Acceptance acceptance(Network::shipped());
    const Evidence shorter = lone_match(2), longer = lone_match(16);
    const double before = probability(acceptance, shorter), other = probability(acceptance, longer);
    const auto learn = [&](bool accepted) {
        for (int i = 0; i < 30; ++i)
            acceptance.learn(bucket_of(shorter, Source::output), probability(acceptance, shorter), accepted);
    };
    learn(false);
    const double low = probability(acceptance, shorter);
    CHECK(low < before);
    CHECK(probability(acceptance, longer) == other);
    learn(true);
    CHECK(probability(acceptance, shorter) > low);
}

TEST_CASE("acceptance: a streak of rejections leaves a probability above zero") {
    Acceptance acceptance(Network::shipped());
    const Evidence evidence = lone_match(16);
    for (int i = 0; i < 10000; ++i)
        acceptance.learn(bucket_of(evidence, Source::output), probability(acceptance, evidence), false);
    CHECK(probability(acceptance, evidence) > 0.2);
}

TEST_CASE("acceptance: a recycled candidate is the more probable the surer the model was of it") {
    const Acceptance acceptance(Network::shipped());
    for (size_t share = 1; share < share_bucket_count; ++share)
        CHECK(acceptance.recycled(static_cast<ShareBucket>(share)) >
              acceptance.recycled(static_cast<ShareBucket>(share - 1)));
}

TEST_CASE("acceptance: what a sort of document's drafts met says nothing about others") {
    Acceptance acceptance(Network::shipped());
    const Evidence committed = lone_match(8);
    Evidence document = committed;
    document[Evidence::in_earlier_output] = 0;
    document[Evidence::in_document] = 1;
    const auto all = [&] {
        return std::array{probability(acceptance, committed),
                          probability(acceptance, document, Source::reference),
                          probability(acceptance, document, Source::corpus)};
    };
    const auto before = all();
    for (int i = 0; i < 30; ++i)
        acceptance.learn(bucket_of(document, Source::reference),
                         probability(acceptance, document, Source::reference), false);
    const auto after = all();
    CHECK(after[0] == before[0]);
    CHECK(after[1] < before[1]);
    CHECK(after[2] == before[2]);
}

TEST_CASE("network: continuations of one node get together what each gets alone") {
    std::vector<Evidence> continuations(3, lone_match(8));
    continuations[1][Evidence::vote_share] = 0.25f;
    continuations[2][Evidence::token_misses] = Evidence::log(3);
    std::array<float, 3> together, alone;
    Network::shipped().log_odds(continuations, together.data());
    for (size_t i = 0; i < 3; ++i) Network::shipped().log_odds({&continuations[i], 1}, &alone[i]);
    CHECK(together == alone);
    CHECK(together[0] != together[1]);
    CHECK(together[0] != together[2]);
}

TEST_CASE("acceptance: one that starts from another's log-odds bias gives its probabilities") {
    Acceptance taught(Network::shipped()), fresh(Network::shipped());
    for (int i = 0; i < 30; ++i)
        taught.learn(calibration_bucket(ShareBucket::most), taught.recycled(ShareBucket::most), false);
    REQUIRE(taught.recycled(ShareBucket::most) < fresh.recycled(ShareBucket::most));
    fresh.start_from(taught.log_odds_bias());
    CHECK(fresh.recycled(ShareBucket::most) == taught.recycled(ShareBucket::most));
}
