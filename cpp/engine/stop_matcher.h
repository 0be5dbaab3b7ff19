#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reprise {

/// Finds the first complete stop string in a stream of bytes, byte by byte (Knuth, Morris, Pratt 1977).
class StopMatcher {
public:
    explicit StopMatcher(std::vector<std::string> stops);

    /// Takes one byte; true when it completes a stop string.
    bool push(char byte);
    /// Whether there is no stop string to find.
    bool empty() const { return patterns_.empty(); }
    /// After a match: the stop string. Of several that end at once it is the longest.
    const std::string & matched() const { return patterns_[matched_].text; }
    /// How many bytes at the end of the stream may yet become a stop string.
    size_t pending() const;

private:
    struct Pattern {
        std::string text;
        std::vector<size_t> fallback; ///< the length of the longest border of each prefix of `text`
        size_t state = 0;             ///< how many bytes of `text` the stream ends with
    };
    std::vector<Pattern> patterns_;
    size_t matched_ = 0; ///< the index of the pattern that was completed last
};

} // namespace reprise
