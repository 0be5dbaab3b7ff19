#include "engine/chat_context.h"

#include <algorithm>

namespace reprise {

namespace {

/// How many bytes the whole character at `at` has. It is 0 where there is none; `skipped` is then how many
/// bytes one U+FFFD stands for, as the encoding standard of the web has it, and with it JavaScript's strings.
size_t character(std::string_view text, size_t at, size_t & skipped) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at);
    skipped = 1;
    if (first < 0x80) return 1;
    const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                          : (first & 0xF0) == 0xE0         ? 3
                          : first >= 0xF0 && first <= 0xF4 ? 4
                                                           : 0;
    if (length == 0) return 0;
    unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    for (size_t i = 1; i < length; ++i, low = 0x80, high = 0xBF) {
        if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) {
            skipped = i;
            return 0;
        }
    }
    return length;
}

} // namespace

size_t ChatContext::shared_with(std::string_view text, std::string_view control) const {
    const size_t shorter = std::min(text.size(), text_.size());
    const auto differ = [shorter](std::string_view a, std::string_view b) {
        return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + shorter, b.begin()).first -
                                   a.begin());
    };
    return std::min(differ(text_, text), differ(control_, control));
}

const ChatContext::Mark * ChatContext::resumption(std::string_view text, std::string_view control,
                                                  std::span<const Fragment> fragments) const {
    const size_t shared = shared_with(text, control);
    for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
        if (mark->text > shared) continue;
        const auto fragment = std::upper_bound(fragments.begin(), fragments.end(), mark->text,
                                               [](size_t at, const Fragment & one) { return at < one.end; });
        const bool inside =
            fragment != fragments.end() && fragment->begin < mark->text && !fragment->is_text();
        if (inside) continue;
        const bool before_special =
            fragment != fragments.end() && fragment->begin == mark->text && !fragment->is_text();
        // Where other text goes on inside a reply, the token that ends there might have been another.
        if (mark->turn || before_special || mark->text < shared) return &*mark;
    }
    return nullptr;
}

ChatContext ChatContext::prompt(const Vocabulary & vocabulary, std::string text, std::string_view content,
                                Token bos, std::span<const ImageMark> images) const {
    ChatContext next;
    const std::vector<Fragment> fragments = vocabulary.fragments(text, content, images);
    next.control_.assign(text.size(), '\0');
    for (const Fragment & fragment : fragments)
        if (fragment.control)
            std::fill(next.control_.begin() + fragment.begin, next.control_.begin() + fragment.end, '\1');
    const Mark * from = resumption(text, next.control_, fragments);
    if (from) {
        next.tokens_.assign(tokens_.begin(), tokens_.begin() + from->tokens);
        next.marks_.assign(marks_.data(), from + 1);
    }
    vocabulary.append(text, fragments, from ? from->text : 0, next.tokens_, images);
    if (!from && bos >= 0 && !next.tokens_.empty() && next.tokens_[0] != bos)
        next.tokens_.insert(next.tokens_.begin(), bos);
    next.text_ = std::move(text);
    if (next.marks_.empty() || next.marks_.back().text < next.text_.size())
        next.marks_.push_back({next.text_.size(), next.tokens_.size(), true});
    return next;
}

ChatContext ChatContext::after_reply(const Vocabulary & vocabulary, std::span<const Token> tokens) const {
    ChatContext next = *this;
    std::string bytes;
    std::string control;
    std::vector<size_t> ends; // They say where in `bytes` each token ends.
    for (const Token token : tokens) {
        vocabulary.append_piece(token, true, bytes);
        control.resize(bytes.size(), vocabulary.is_control(token) ? '\1' : '\0');
        ends.push_back(bytes.size());
    }
    size_t last_of_text = tokens.size();
    while (last_of_text > 0 && vocabulary.is_control(tokens[last_of_text - 1])) --last_of_text;

    size_t token = 0;
    const auto mark_ends = [&](size_t at) {
        for (; token < ends.size() && ends[token] <= at; ++token)
            if (ends[token] == at && (next.marks_.empty() || next.marks_.back().text < next.text_.size() ||
                                      token + 1 == last_of_text))
                next.marks_.push_back({next.text_.size(), tokens_.size() + token + 1,
                                       token + 1 == last_of_text || token + 1 == tokens.size()});
    };
    // The text is what JavaScript has of it: bytes that are no character became U+FFFD there.
    for (size_t at = 0; at < bytes.size();) {
        size_t skipped = 0;
        const size_t whole = character(bytes, at, skipped);
        if (whole > 0)
            next.text_.append(bytes, at, whole);
        else
            next.text_ += "\uFFFD";
        next.control_.resize(next.text_.size(), control[at]);
        at += whole > 0 ? whole : skipped;
        mark_ends(at);
    }
    next.tokens_.insert(next.tokens_.end(), tokens.begin(), tokens.end());
    if (!next.marks_.empty() && next.marks_.back().text == next.text_.size()) {
        // Tokens without text, such as a control token that has none, belong to the reply, too.
        next.marks_.back().tokens = next.tokens_.size();
        next.marks_.back().turn = true;
    }
    return next;
}

} // namespace reprise
