#pragma once

#include <vector>

#include <doctest/doctest.h>

#include "engine/draft_sequence.h"

/// What a draft model or a draft head says after a text and a path, and whether two such answers are the
/// same.
using Candidates = std::vector<reprise::draft::DraftModel::Candidate>;

inline Candidates ask(reprise::DraftSequence & sequence, const std::vector<reprise::Token> & text,
                      const std::vector<reprise::Token> & path = {}) {
    sequence.begin(text);
    const auto found = sequence.ask(path);
    return {found.begin(), found.end()};
}

inline void check_same(const Candidates & found, const Candidates & expected) {
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].token == expected[i].token);
        CHECK(found[i].probability == doctest::Approx(expected[i].probability).epsilon(0.05));
    }
}
