#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/vocabulary.h"

namespace reprise {

/// A chat's whole context: the text, and the tokens that the cache holds for it. It never changes; what comes
/// after it is another one.
///
/// A model may say a text in other tokens than the tokenizer would choose. To reuse the cache after a reply,
/// the next prompt goes on from the tokens said: what of it is new is tokenized from the last place of the
/// text that both share. `Sequence::replace` then keeps the cells of these tokens.
class ChatContext {
public:
    /// The context of a chat in which nothing was said.
    ChatContext() = default;

    const std::vector<Token> & tokens() const { return tokens_; }

    /// The context `text`, which goes on from this one's tokens as far as both agree. `content` is as in
    /// Vocabulary::fragments. `bos` is the token that a context begins with where its text does not; -1 for
    /// none. `images` are those whose marks the text has; a mark must stand for the same tokens in all of
    /// a chat's contexts. Throws TEXT_INVALID.
    ChatContext prompt(const Vocabulary & vocabulary, std::string text, std::string_view content, Token bos,
                       std::span<const ImageMark> images = {}) const;
    /// This context with the tokens that the model generated after it.
    ChatContext after_reply(const Vocabulary & vocabulary, std::span<const Token> tokens) const;

private:
    /// A place between two tokens.
    struct Mark {
        size_t text;   ///< how many bytes are before it
        size_t tokens; ///< how many tokens are before it
        bool turn;     ///< whether a prompt or a reply ends here, where any text may go on
    };

    /// How many bytes both texts begin with.
    size_t shared_with(std::string_view text, std::string_view control) const;
    /// The place that `text` can go on from; null where there is none.
    const Mark * resumption(std::string_view text, std::string_view control,
                            std::span<const Fragment> fragments) const;

    std::string text_;
    std::string control_; ///< for each byte, 1 where it belongs to a control token written out
    std::vector<Token> tokens_;
    std::vector<Mark> marks_; ///< the places, in the order of the text
};

} // namespace reprise
