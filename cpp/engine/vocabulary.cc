#include "engine/vocabulary.h"

#include <algorithm>
#include <cctype>

#include "llama-vocab.h" // llama.cpp's internal header, of the pinned commit

#include "engine/assertions.h"
#include "engine/error.h"

namespace reprise {

namespace {

constexpr int control_attributes = LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN;
constexpr int special_attributes = control_attributes | LLAMA_TOKEN_ATTR_USER_DEFINED;

/// A character that no vocabulary has a piece with, so it joins with no neighbour.
constexpr std::string_view mark = "\x01";

bool is_space(char byte) {
    return std::isspace(static_cast<unsigned char>(byte));
}

/// The images of a text, and what is between them.
std::vector<Fragment> image_fragments(std::string_view text, std::span<const ImageMark> images) {
    std::vector<Fragment> all;
    size_t begin = 0;
    while (begin < text.size()) {
        size_t at = text.npos;
        int first = -1;
        for (size_t i = 0; i < images.size(); ++i)
            if (const size_t found = text.find(images[i].mark, begin); found < at) {
                at = found;
                first = static_cast<int>(i);
            }
        const size_t end = std::min(at, text.size());
        if (end > begin) all.push_back({begin, end, -1, false});
        if (first < 0) break;
        begin = at + images[first].mark.size();
        all.push_back({at, begin, -1, true, first});
    }
    return all;
}

template <typename Work> auto tokenizing(Work && work) {
    return with_assertions(ErrorCode::text_invalid, "llama.cpp could not tokenize the text", work);
}

} // namespace

Vocabulary::Vocabulary(const llama_vocab * vocab)
    : vocab_(vocab), size_(llama_vocab_n_tokens(vocab)),
      spaces_before_text_(llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_SPM && vocab->get_add_space_prefix()) {
    if (llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_NONE) return;
    for (Token token = 0; token < size_; ++token)
        if (is_special(token) && *llama_vocab_get_text(vocab_, token) != '\0')
            specials_.push_back(
                {token, llama_vocab_get_text(vocab_, token), llama_vocab_get_attr(vocab_, token)});
    // The longest comes first, by bytes, as in llama_vocab::impl::load.
    std::stable_sort(specials_.begin(), specials_.end(),
                     [](const Special & a, const Special & b) { return a.text.size() > b.text.size(); });
    if (!spaces_before_text_) return;
    try {
        mark_ = tokenize(mark, false, false);
    } catch (const Error &) {
        spaces_before_text_ = false; // The vocabulary has no tokens for bytes.
    }
}

bool Vocabulary::is_special(Token token) const {
    return llama_vocab_get_attr(vocab_, token) & special_attributes;
}

bool Vocabulary::is_control(Token token) const {
    return llama_vocab_get_attr(vocab_, token) & control_attributes;
}

std::vector<Token> Vocabulary::tokenize(std::string_view text, bool add_special, bool parse_special) const {
    std::vector<Token> tokens(text.size() / 2 + 16);
    const auto call = [&] {
        return llama_tokenize(vocab_, text.data(), static_cast<int32_t>(text.size()), tokens.data(),
                              static_cast<int32_t>(tokens.size()), add_special, parse_special);
    };
    int32_t count = tokenizing(call);
    if (count < 0) {
        tokens.resize(-count);
        count = tokenizing(call);
    }
    if (count < 0) throw Error(ErrorCode::text_invalid, "llama.cpp could not tokenize the text");
    tokens.resize(count);
    return tokens;
}

std::vector<Fragment> Vocabulary::fragments(std::string_view text, std::string_view content,
                                            std::span<const ImageMark> images) const {
    std::vector<Fragment> all = image_fragments(text, images);
    for (const Special & special : specials_) {
        const bool control = special.attributes & control_attributes;
        const auto find = [&](size_t from, size_t end) {
            for (;; ++from) {
                from = text.substr(0, end).find(special.text, from);
                if (from == text.npos || !control || content.empty()) return from;
                if (content.substr(from, special.text.size()).find('\1') == content.npos) return from;
            }
        };
        std::vector<Fragment> parts;
        bool found = false;
        for (size_t i = 0; i < all.size(); ++i) {
            Fragment rest = all[i];
            while (rest.is_text()) {
                const size_t at = find(rest.begin, rest.end);
                if (at == text.npos) break;
                if (!found) parts.assign(all.begin(), all.begin() + i);
                found = true;
                size_t left = at;
                if (special.attributes & LLAMA_TOKEN_ATTR_LSTRIP)
                    while (left > rest.begin && is_space(text[left - 1])) --left;
                if (left > rest.begin) parts.push_back({rest.begin, left, -1, false});
                rest.begin = at + special.text.size();
                parts.push_back({at, rest.begin, special.token, control});
                if (special.attributes & LLAMA_TOKEN_ATTR_RSTRIP)
                    while (rest.begin < rest.end && is_space(text[rest.begin])) ++rest.begin;
            }
            if (found && (!rest.is_text() || rest.begin < rest.end)) parts.push_back(rest);
        }
        if (found) all = std::move(parts);
    }
    return all;
}

/// The tokens of a text in the middle of another. llama.cpp has no call for that, so the text is put behind a
/// mark, whose tokens are taken away.
std::vector<Token> Vocabulary::tokenize_continued(std::string_view text) const {
    if (spaces_before_text_) {
        std::vector<Token> tokens = tokenize(std::string(mark).append(text), false, false);
        if (tokens.size() >= mark_.size() && std::equal(mark_.begin(), mark_.end(), tokens.begin())) {
            tokens.erase(tokens.begin(), tokens.begin() + mark_.size());
            return tokens;
        }
    }
    return tokenize(text, false, false);
}

void Vocabulary::append(std::string_view text, std::span<const Fragment> fragments, size_t begin,
                        bool continued, std::vector<Token> & tokens,
                        std::span<const ImageMark> images) const {
    for (const Fragment & fragment : fragments) {
        if (fragment.end <= begin) continue;
        if (fragment.image >= 0) {
            const auto & rows = images[fragment.image].tokens;
            tokens.insert(tokens.end(), rows.begin(), rows.end());
        } else if (fragment.special >= 0) {
            tokens.push_back(fragment.special);
        } else {
            const size_t from = std::max(begin, fragment.begin);
            const std::string_view part = text.substr(from, fragment.end - from);
            const std::vector<Token> more =
                continued ? tokenize_continued(part) : tokenize(part, false, false);
            tokens.insert(tokens.end(), more.begin(), more.end());
        }
        continued = fragment.is_text();
    }
}

void Vocabulary::append(std::string_view text, std::span<const Fragment> fragments, size_t begin,
                        std::vector<Token> & tokens, std::span<const ImageMark> images) const {
    const bool continued = !tokens.empty() && tokens.back() >= 0 && !is_special(tokens.back());
    append(text, fragments, begin, continued, tokens, images);
}

void Vocabulary::append_continued(std::string_view text, std::span<const Fragment> fragments,
                                  std::vector<Token> & tokens) const {
    append(text, fragments, 0, true, tokens, {});
}

std::string Vocabulary::detokenize(std::span<const Token> tokens, bool special) const {
    std::string text;
    if (llama_vocab_type(vocab_) == LLAMA_VOCAB_TYPE_WPM) {
        // Its tokenizer drops spaces, so there is no inverse; llama.cpp's rules put them where English has
        // them.
        text.resize(tokens.size() * 6 + 16);
        const auto call = [&] {
            return llama_detokenize(vocab_, tokens.data(), static_cast<int32_t>(tokens.size()), text.data(),
                                    static_cast<int32_t>(text.size()), false, special);
        };
        int32_t length = call();
        if (length < 0) {
            text.resize(-length);
            length = call();
        }
        text.resize(length < 0 ? 0 : length);
        return text;
    }
    // llama_detokenize "cleans up" spaces; the pieces alone are the inverse.
    bool drops_space = vocab_->get_add_space_prefix();
    for (const Token token : tokens) {
        const size_t start = text.size();
        append_piece(token, special, text);
        if (token < 0 || is_special(token)) {
            drops_space = drops_space || spaces_before_text_;
            continue;
        }
        if (drops_space && start < text.size() && text[start] == ' ') text.erase(start, 1);
        drops_space = false;
    }
    return text;
}

void Vocabulary::append_piece(Token token, bool special, std::string & text) const {
    if (token < 0) return;
    char piece[64];
    int32_t length = llama_token_to_piece(vocab_, token, piece, sizeof piece, 0, special);
    if (length >= 0) {
        text.append(piece, length);
        return;
    }
    const size_t start = text.size();
    text.resize(start - length);
    length = llama_token_to_piece(vocab_, token, text.data() + start, -length, 0, special);
    text.resize(start + (length < 0 ? 0 : length));
}

} // namespace reprise
