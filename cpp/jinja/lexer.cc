#include "jinja/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "jinja/text.h"

namespace reprise::jinja {

Failure failure_at(int line, const std::string & what) {
    return Failure("line " + std::to_string(line) + ": " + what);
}

namespace {

/// The source with one kind of line break, and without one at its end.
std::string normalized(std::string_view source) {
    std::string out;
    for (size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
            out += '\n';
        } else {
            out += source[i];
        }
    }
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : source_(normalized(source)) {}

    std::vector<Token> run() {
        while (at_ < source_.size()) data();
        add(Token::Kind::end, "");
        return std::move(tokens_);
    }

private:
    bool looking_at(std::string_view text, size_t at) const {
        return source_.compare(at, text.size(), text) == 0;
    }
    bool looking_at(std::string_view text) const { return looking_at(text, at_); }

    void add(Token::Kind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_}); }

    void advance(size_t to) {
        to = std::min(to, source_.size());
        line_ += static_cast<int>(std::count(source_.begin() + at_, source_.begin() + to, '\n'));
        if (to > at_) line_starts_ = source_[to - 1] == '\n';
        at_ = to;
    }

    size_t after_space(size_t at) const {
        while (at < source_.size()) {
            size_t next = at;
            if (!is_space(next_code_point(source_, next))) break;
            at = next;
        }
        return at;
    }

    /// The text before a tag, with white space taken off its end where the tag says so.
    std::string before_tag(std::string_view text, char sign, bool variable) const {
        if (sign == '-') return strip(Text(text), false, true).bytes();
        if (sign == '+' || variable) return std::string(text);
        const size_t line_break = text.rfind('\n');
        if (line_break == text.npos && !line_starts_) return std::string(text);
        const size_t from = line_break == text.npos ? 0 : line_break + 1;
        const bool blank = strip(Text(text.substr(from)), true, false).empty();
        return std::string(blank ? text.substr(0, from) : text);
    }

    /// The place behind the end of a tag and what the end strips, where one begins at `at`; else npos.
    size_t after_end(std::string_view end, size_t at, bool trims) const {
        if (looking_at("+", at) && trims && looking_at(end, at + 1)) return at + 1 + end.size();
        if (looking_at("-", at) && looking_at(end, at + 1)) return after_space(at + 1 + end.size());
        if (!looking_at(end, at)) return std::string::npos;
        const size_t behind = at + end.size();
        return trims && looking_at("\n", behind) ? behind + 1 : behind;
    }

    void data() {
        size_t tag = at_;
        for (;; ++tag) {
            tag = source_.find('{', tag);
            if (tag == std::string::npos) {
                add(Token::Kind::data, source_.substr(at_));
                advance(source_.size());
                return;
            }
            if (looking_at("{%", tag) || looking_at("{{", tag) || looking_at("{#", tag)) break;
        }
        const char kind = source_[tag + 1];
        const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
        const bool signs = sign == '-' || sign == '+';
        const std::string text =
            before_tag(std::string_view(source_).substr(at_, tag - at_), signs ? sign : ' ', kind == '{');
        if (!text.empty()) add(Token::Kind::data, text);
        advance(tag + 2 + signs);
        if (kind == '#') return comment();
        if (kind == '%' && raw()) return;
        add(kind == '{' ? Token::Kind::variable_begin : Token::Kind::block_begin, "");
        code(kind == '{');
    }

    void comment() {
        for (size_t at = at_; at < source_.size(); ++at) {
            const size_t behind = after_end("#}", at, true);
            if (behind == std::string::npos) continue;
            advance(behind);
            return;
        }
        throw failure_at(line_, "Missing end of comment tag");
    }

    /// Takes a raw block where there is one, and says whether there was.
    bool raw() {
        size_t at = after_space(at_);
        if (!looking_at("raw", at)) return false;
        at = after_space(at + 3);
        if (looking_at("-%}", at))
            at = after_space(at + 3);
        else if (looking_at("%}", at))
            at += 2;
        else
            return false;
        advance(at);
        for (size_t tag = at; (tag = source_.find("{%", tag)) != std::string::npos; ++tag) {
            const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
            const bool signs = sign == '-' || sign == '+';
            const size_t name = after_space(tag + 2 + signs);
            if (!looking_at("endraw", name)) continue;
            const size_t behind = after_end("%}", after_space(name + 6), true);
            if (behind == std::string::npos) continue;
            add(Token::Kind::data,
                before_tag(std::string_view(source_).substr(at, tag - at), signs ? sign : ' ', false));
            advance(behind);
            return true;
        }
        throw failure_at(line_, "Missing end of raw directive");
    }

    void code(bool variable) {
        std::string open;
        while (true) {
            advance(after_space(at_));
            if (at_ >= source_.size())
                throw failure_at(line_,
                                 variable ? "unexpected end of template, expected 'end of print statement'"
                                          : "unexpected end of template, expected 'end of statement block'");
            if (open.empty()) {
                const size_t behind = after_end(variable ? "}}" : "%}", at_, !variable);
                if (behind != std::string::npos) {
                    add(variable ? Token::Kind::variable_end : Token::Kind::block_end, "");
                    advance(behind);
                    return;
                }
            }
            const char c = source_[at_];
            if (is_digit(c))
                number();
            else if (is_word(c))
                word();
            else if (c == '\'' || c == '"')
                string();
            else
                op(open);
        }
    }

    void word() {
        size_t end = at_;
        while (end < source_.size() && is_word(source_[end])) ++end;
        add(Token::Kind::name, source_.substr(at_, end - at_));
        advance(end);
    }

    size_t digits(size_t at, bool (*is)(char)) const {
        while (at < source_.size() &&
               (is(source_[at]) || (source_[at] == '_' && at + 1 < source_.size() && is(source_[at + 1]))))
            ++at;
        return at;
    }

    void number() {
        const auto take = [&](Token::Kind kind, size_t end) {
            std::string text = source_.substr(at_, end - at_);
            text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
            add(kind, text);
            advance(end);
        };
        if (source_[at_] == '0' && at_ + 1 < source_.size()) {
            const char base = static_cast<char>(std::tolower(source_[at_ + 1]));
            const auto is = base == 'x'
                                ? +[](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
                            : base == 'o' ? +[](char c) { return c >= '0' && c <= '7'; }
                            : base == 'b' ? +[](char c) { return c == '0' || c == '1'; }
                                          : nullptr;
            if (is && digits(at_ + 2, is) > at_ + 2) return take(Token::Kind::integer, digits(at_ + 2, is));
        }
        size_t end = digits(at_, is_digit);
        const bool after_dot = at_ > 0 && source_[at_ - 1] == '.';
        if (after_dot) return take(Token::Kind::integer, end);
        bool real = false;
        if (looking_at(".", end) && end + 1 < source_.size() && is_digit(source_[end + 1])) {
            end = digits(end + 1, is_digit);
            real = true;
        }
        if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
            size_t exponent = end + 1;
            if (looking_at("+", exponent) || looking_at("-", exponent)) ++exponent;
            if (exponent < source_.size() && is_digit(source_[exponent])) {
                end = digits(exponent, is_digit);
                real = true;
            }
        }
        take(real ? Token::Kind::real : Token::Kind::integer, end);
    }

    void string() {
        const char quote = source_[at_];
        size_t end = at_ + 1;
        while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
        if (end >= source_.size()) throw failure_at(line_, std::string("unexpected char ") + quote);
        add(Token::Kind::string, unescaped(std::string_view(source_).substr(at_ + 1, end - at_ - 1)));
        advance(end + 1);
    }

    std::string unescaped(std::string_view text) const {
        static constexpr std::string_view from = "\\'\"abfnrtv";
        static constexpr std::string_view to = "\\'\"\a\b\f\n\r\t\v";
        std::string out;
        for (size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\') {
                out += text[i];
                continue;
            }
            const char c = text[++i];
            const size_t size = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
            if (c == '\n') continue;
            if (const size_t known = from.find(c); known != from.npos) {
                out += to[known];
            } else if (size > 0) {
                out += utf8(hexadecimal(text.substr(i + 1, size), size));
                i += size;
            } else if (c >= '0' && c <= '7') {
                uint32_t value = 0;
                size_t end = i;
                while (end < text.size() && end < i + 3 && text[end] >= '0' && text[end] <= '7')
                    value = value * 8 + (text[end++] - '0');
                out += utf8(value);
                i = end - 1;
            } else {
                out += '\\';
                out += c;
            }
        }
        return out;
    }

    uint32_t hexadecimal(std::string_view digits, size_t size) const {
        const bool all = digits.size() == size && std::all_of(digits.begin(), digits.end(), [](char c) {
                             return std::isxdigit(static_cast<unsigned char>(c));
                         });
        const uint64_t value = all ? std::stoull(std::string(digits), nullptr, 16) : 0x110000;
        if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
            throw failure_at(line_, "a string has an escape that is no character");
        return static_cast<uint32_t>(value);
    }

    void op(std::string & open) {
        static constexpr std::array<std::string_view, 25> ops = {
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
            "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",",
        };
        const auto found = std::find_if(ops.begin(), ops.end(), [&](auto op) { return looking_at(op); });
        if (found == ops.end() && source_[at_] != ';')
            throw failure_at(line_, std::string("unexpected char '") + source_[at_] + "'");
        const std::string text = found == ops.end() ? ";" : std::string(*found);
        if (text == "(" || text == "[" || text == "{") {
            open += text == "(" ? ')' : text == "[" ? ']' : '}';
        } else if (text == ")" || text == "]" || text == "}") {
            if (open.empty()) throw failure_at(line_, "unexpected '" + text + "'");
            if (open.back() != text[0])
                throw failure_at(line_, "unexpected '" + text + "', expected '" + open.back() + "'");
            open.pop_back();
        }
        add(Token::Kind::op, text);
        advance(at_ + text.size());
    }

    std::string source_;
    size_t at_ = 0;
    int line_ = 1;
    bool line_starts_ = true; ///< whether a line begins at `at_`
    std::vector<Token> tokens_;
};

} // namespace

std::vector<Token> tokens_of(std::string_view source) {
    return Lexer(source).run();
}

} // namespace reprise::jinja
