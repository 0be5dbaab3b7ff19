#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "draft/token.h"

using Text = std::vector<reprise::draft::Token>;

/// Tokens in agreement, read backwards from the ends of `context` and of the text's first `end`.
inline uint32_t agreement(const Text & context, const Text & text, size_t end) {
    uint32_t length = 0;
    while (length < std::min(context.size(), end) &&
           context[context.size() - 1 - length] == text[end - 1 - length])
        ++length;
    return length;
}

class Choices {
public:
    explicit Choices(unsigned seed) : random_(seed) {}
    size_t below(size_t limit) { return random_() % limit; }
    /// New tokens of a small alphabet, or a quotation of what was said.
    Text passage(const Text & text, size_t longest) {
        const size_t length = 1 + below(longest);
        if (text.size() > length && below(2) == 0) {
            const size_t from = below(text.size() - length);
            return Text(text.begin() + from, text.begin() + from + length);
        }
        Text passage(length);
        for (reprise::draft::Token & token : passage)
            token = static_cast<reprise::draft::Token>(below(4)) - 1;
        return passage;
    }

    /// A few tokens over and over.
    Text stretch(size_t longest) {
        Text tokens = passage({}, 20);
        const size_t period = tokens.size(), length = 1 + below(longest);
        tokens.resize(length);
        for (size_t i = period; i < length; ++i) tokens[i] = tokens[i - period];
        return tokens;
    }

private:
    std::mt19937 random_;
};
