#include "engine/stop_matcher.h"

#include <algorithm>

namespace reprise {

StopMatcher::StopMatcher(std::vector<std::string> stops) {
    for (std::string & stop : stops) {
        if (stop.empty()) continue;
        Pattern pattern{std::move(stop), {}, 0};
        pattern.fallback.assign(pattern.text.size() + 1, 0);
        for (size_t i = 1, length = 0; i < pattern.text.size(); ++i) {
            while (length > 0 && pattern.text[i] != pattern.text[length]) length = pattern.fallback[length];
            if (pattern.text[i] == pattern.text[length]) ++length;
            pattern.fallback[i + 1] = length;
        }
        patterns_.push_back(std::move(pattern));
    }
}

bool StopMatcher::push(char byte) {
    bool complete = false;
    for (size_t i = 0; i < patterns_.size(); ++i) {
        Pattern & pattern = patterns_[i];
        // The stream goes on after a match: the caller did not take it.
        if (pattern.state == pattern.text.size()) pattern.state = pattern.fallback[pattern.state];
        while (pattern.state > 0 && pattern.text[pattern.state] != byte)
            pattern.state = pattern.fallback[pattern.state];
        if (pattern.text[pattern.state] == byte) ++pattern.state;
        if (pattern.state == pattern.text.size()) {
            // Of two stop strings that end here the longer one began first.
            if (!complete || pattern.text.size() > patterns_[matched_].text.size()) matched_ = i;
            complete = true;
        }
    }
    return complete;
}

size_t StopMatcher::pending() const {
    size_t longest = 0;
    for (const Pattern & pattern : patterns_) longest = std::max(longest, pattern.state);
    return longest;
}

} // namespace reprise
