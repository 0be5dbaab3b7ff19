#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "draft/token.h"

namespace reprise::draft {

/// How probable a draft model holds a token: the place of its probability among the bounds.
enum class ConfidenceBucket : uint8_t {};

inline constexpr std::array confidence_bounds{0.005,   1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2,
                                              3.0 / 4, 0.9,      0.97,    0.99};
inline constexpr size_t confidence_bucket_count = confidence_bounds.size() + 1;

constexpr ConfidenceBucket confidence_bucket(double probability) {
    return static_cast<ConfidenceBucket>(std::ranges::upper_bound(confidence_bounds, probability) -
                                         confidence_bounds.begin());
}

/// A smaller model of the same vocabulary that is asked what may follow (speculative decoding: Leviathan et
/// al. 2023, arXiv 2211.17192), anywhere in the tree that grows. What it says is a guess: verification
/// decides. It keeps what it has computed of the text, so that asking costs least after what it was asked
/// about last.
class DraftModel {
public:
    virtual ~DraftModel() = default;

    /// So many candidates it names at most.
    static constexpr int width = 4;
    struct Candidate {
        Token token;
        float probability;
    };

    /// A tree begins to grow after `text`, which stays as it is until the tree has grown.
    virtual void begin(std::span<const Token> text) = 0;
    /// The milliseconds that asking takes where it has computed all but the last token.
    virtual double single_milliseconds() const = 0;
    /// The milliseconds that asking takes once it was asked about all but the last token.
    virtual double further_milliseconds() const { return single_milliseconds(); }
    /// The milliseconds that asking would take after the text and `path`, what it has to catch up with
    /// included.
    virtual double milliseconds(std::span<const Token> path) = 0;
    /// The tokens that it holds most probable after the text and `path`, the most probable first; none where
    /// it cannot say. They are valid until it is asked again.
    virtual std::span<const Candidate> ask(std::span<const Token> path) = 0;
};

} // namespace reprise::draft
