#include "engine/grammar_limits.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace reprise {

namespace {

// A level takes some 600 bytes of stack, and threads have as little as 512 KiB of it on macOS.
constexpr int most_nested = 256;
// About 100 bytes each once parsed, and a microsecond.
constexpr uint64_t most_elements = 1'000'000;
constexpr size_t most_name = 256;        // bytes; each group and repetition in a rule copies the rule's name
constexpr uint64_t most_repeated = 2000; // llama.cpp's own limit

/// Reads a grammar as llama.cpp's parser does, as far as sizes go; whatever else is wrong the parser tells.
class Scanner {
public:
    explicit Scanner(const std::string & text) : text_(text) {}

    std::string fault() {
        if (text_.find('\0') != std::string::npos) return "it contains a NUL character";
        while (at_ < text_.size() && fault_.empty()) step();
        if (fault_.empty() && elements_ > most_elements)
            return "its repetitions and literals come to more than " + std::to_string(most_elements) +
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
            if (++depth_ > most_nested)
                fault_ = "its parentheses are nested more than " + std::to_string(most_nested) +
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
                if (at_ - start > most_name)
                    fault_ = "a rule's name is longer than " + std::to_string(most_name) + " characters";
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

    /// What a repetition after it would copy.
    void item(uint64_t elements) {
        item_ = elements;
        elements_ += elements;
    }

    void repeat(uint64_t times) {
        // Some elements more for the rule that a repetition makes.
        const uint64_t copies = item_ + 2;
        item_ = std::min(copies * std::max<uint64_t>(times, 1), most_elements + 1);
        elements_ = std::min(elements_ + item_, most_elements + 1);
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
        if (at_ - start > most_name)
            fault_ = "a token's name is longer than " + std::to_string(most_name) + " characters";
        item(1);
        ++at_;
    }

    void space() {
        while (now() == ' ' || now() == '\t' || now() == '\r' || now() == '\n') ++at_;
    }

    /// Digits; `otherwise` where there are none.
    uint64_t number(uint64_t otherwise) {
        space();
        if (now() < '0' || now() > '9') return otherwise;
        uint64_t value = 0;
        for (; now() >= '0' && now() <= '9'; ++at_)
            value = std::min<uint64_t>(10 * value + static_cast<uint64_t>(now() - '0'), 1'000'000'000);
        space();
        return value;
    }

    void repetition() {
        constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();
        ++at_;
        const uint64_t least = number(0);
        uint64_t most = least;
        if (now() == ',') {
            ++at_;
            most = number(unlimited);
        }
        if (least > most_repeated)
            fault_ = "it repeats something " + std::to_string(least) + " times or more; the most is " +
                     std::to_string(most_repeated);
        // llama.cpp would count from one to the other through all numbers there are.
        else if (most < least)
            fault_ = "in {" + std::to_string(least) + "," + std::to_string(most) +
                     "} the least is more than the most";
        else
            repeat(most == unlimited || most > most_repeated ? least + 1 : most);
    }

    const std::string & text_;
    size_t at_ = 0;
    int depth_ = 0;
    uint64_t item_ = 0;
    uint64_t elements_ = 0;
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

std::string grammar_limit_fault(const std::string & text) {
    return Scanner(text).fault();
}

} // namespace reprise
