#include "engine/grammar_fault.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace reprise {

namespace {

/// A level takes some 600 bytes of stack in llama.cpp's parser, and macOS gives a thread 512 KiB.
constexpr int max_nesting = 256;
/// Each element takes about 100 bytes once it is parsed, and a microsecond: 100 MB and a second for so many.
constexpr uint64_t max_elements = 1'000'000;
/// Each group and repetition in a rule copies the rule's name.
constexpr size_t max_name_bytes = 256;
/// This is llama.cpp's own limit.
constexpr uint64_t max_repetitions = 2000;

/// Reads a grammar as llama.cpp's parser does, as far as sizes go. The parser itself tells whatever else is
/// wrong.
class Scanner {
public:
    explicit Scanner(const std::string & text) : text_(text) {}

    std::string fault() {
        if (text_.find('\0') != std::string::npos) return "it contains a NUL character";
        while (at_ < text_.size() && fault_.empty()) step();
        if (fault_.empty() && elements_ > max_elements)
            return "its repetitions and literals come to more than " + std::to_string(max_elements) +
                   " characters";
        return fault_;
    }

private:
    char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void step() {
        switch (now()) {
        case '#':
            while (at_ < text_.size() && now() != '\n' && now() != '\r') ++at_;
            break;
        case '"':
            quoted('"');
            break;
        case '[':
            quoted(']');
            break;
        case '<':
            token();
            break;
        case '(':
            if (++depth_ > max_nesting)
                fault_ = "its parentheses are nested more than " + std::to_string(max_nesting) +
                         " deep; give the inner ones rules of their own";
            ++elements_;
            ++at_;
            break;
        case ')':
            --depth_;
            item(1);
            ++at_;
            break;
        case '{':
            repetition();
            break;
        case '*':
        case '+':
        case '?':
            repeat(1);
            ++at_;
            break;
        case '.':
            item(1);
            ++at_;
            break;
        default:
            if (is_word()) {
                const size_t start = at_;
                while (is_word()) ++at_;
                if (at_ - start > max_name_bytes)
                    fault_ = "a rule's name is longer than " + std::to_string(max_name_bytes) + " characters";
                item(1);
            } else {
                ++at_;
            }
        }
    }

    bool is_word() const {
        const char c = now();
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }

    /// Takes note of something that a repetition behind it would copy.
    void item(uint64_t elements) {
        item_ = elements;
        elements_ += elements;
    }

    void repeat(uint64_t times) {
        // A repetition makes a rule, which takes two elements more.
        const uint64_t copies = item_ + 2;
        item_ = std::min(copies * std::max<uint64_t>(times, 1), max_elements + 1);
        elements_ = std::min(elements_ + item_, max_elements + 1);
    }

    void quoted(char end) {
        const size_t start = ++at_;
        while (at_ < text_.size() && now() != end) at_ += now() == '\\' ? 2 : 1;
        item(std::min(at_, text_.size()) - start);
        ++at_;
    }

    void token() {
        const size_t start = at_;
        while (at_ < text_.size() && now() != '>') ++at_;
        // The tokenizer that looks it up recurses on some long texts.
        if (at_ - start > max_name_bytes)
            fault_ = "a token's name is longer than " + std::to_string(max_name_bytes) + " characters";
        item(1);
        ++at_;
    }

    void space() {
        while (now() == ' ' || now() == '\t' || now() == '\r' || now() == '\n') ++at_;
    }

    /// The number whose digits come next; `otherwise` where there are none.
    uint64_t number(uint64_t otherwise) {
        space();
        if (now() < '0' || now() > '9') return otherwise;
        constexpr uint64_t beyond_all_limits =
            1'000'000'000; // Larger numbers count as this one, so that none wraps.
        uint64_t value = 0;
        for (; now() >= '0' && now() <= '9'; ++at_)
            value = std::min<uint64_t>(10 * value + static_cast<uint64_t>(now() - '0'), beyond_all_limits);
        space();
        return value;
    }

    void repetition() {
        constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();
        ++at_;
        const uint64_t lower = number(0);
        uint64_t upper = lower;
        if (now() == ',') {
            ++at_;
            upper = number(unlimited);
        }
        if (lower > max_repetitions)
            fault_ = "it repeats something " + std::to_string(lower) + " times or more; the most is " +
                     std::to_string(max_repetitions);
        // llama.cpp would count from one to the other through all numbers there are.
        else if (upper < lower)
            fault_ = "in {" + std::to_string(lower) + "," + std::to_string(upper) +
                     "} the least is more than the most";
        else
            repeat(upper == unlimited || upper > max_repetitions ? lower + 1 : upper);
    }

    const std::string & text_;
    size_t at_ = 0;
    int depth_ = 0;
    uint64_t item_ = 0;     ///< how many elements a repetition would copy
    uint64_t elements_ = 0; ///< how many elements the grammar has so far
    std::string fault_;
};

} // namespace

const char * skip_grammar_space(const char * at) {
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n' || *at == '#') {
        if (*at != '#') {
            ++at;
            continue;
        }
        while (*at && *at != '\r' && *at != '\n') ++at;
    }
    return at;
}

std::string grammar_fault(const std::string & text) {
    return Scanner(text).fault();
}

} // namespace reprise
