#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llama.h"

#include "draft/token.h"

namespace reprise {

using draft::Token;

/// A text's part that becomes tokens by itself: a special token written out, or the text between two of them.
struct Fragment {
    size_t begin;
    size_t end;
    Token special;  ///< the special token; -1 for text
    bool control;   ///< whether `special` is a control token, or an image, which are no text
    int image = -1; ///< the place of the image in the list of them; -1 for none

    bool is_text() const { return special < 0 && image < 0; }
};

/// Where an image stands in a text, and the tokens that it has there.
struct ImageMark {
    std::string mark; ///< what stands for it, and for nothing else
    std::vector<Token> tokens;
    int times = 1; ///< how often the messages have it
};

/// Texts to tokens and back, by llama.cpp's tokenizers. Methods can be called from any thread.
class Vocabulary {
public:
    explicit Vocabulary(const llama_vocab * vocab);

    int size() const { return size_; }
    bool is_control(Token token) const;

    /// The tokens of a text by itself, which a SentencePiece vocabulary begins with a space. Throws
    /// TEXT_INVALID.
    std::vector<Token> tokenize(std::string_view text, bool add_special, bool parse_special) const;

    /// The fragments that llama.cpp tokenizes `text` in. `content` is empty, or has for each byte of `text`
    /// whether it is content, in which control tokens are text.
    std::vector<Fragment> fragments(std::string_view text, std::string_view content,
                                    std::span<const ImageMark> images = {}) const;

    /// Appends the tokens of `text` from byte `begin` on, which is no place inside a special token. `tokens`
    /// are those before it: a text that goes on gets no space at its beginning. `fragments` are those of all
    /// of `text`, made with the same `images`. Throws TEXT_INVALID.
    void append(std::string_view text, std::span<const Fragment> fragments, size_t begin,
                std::vector<Token> & tokens, std::span<const ImageMark> images = {}) const;
    /// Appends the tokens of a text in the middle of another, whatever is before it.
    void append_continued(std::string_view text, std::span<const Fragment> fragments,
                          std::vector<Token> & tokens) const;

    /// The text whose tokens these are: the inverse of `tokenize`, where a tokenizer has one. Where
    /// `special`, control tokens are written out.
    std::string detokenize(std::span<const Token> tokens, bool special) const;
    /// Appends a token's bytes, which need not be whole UTF-8 characters. An image's row has none.
    void append_piece(Token token, bool special, std::string & text) const;

private:
    struct Special {
        Token token;
        std::string_view text;
        llama_token_attr attributes;
    };

    bool is_special(Token token) const;
    void append(std::string_view text, std::span<const Fragment> fragments, size_t begin, bool continued,
                std::vector<Token> & tokens, std::span<const ImageMark> images) const;
    std::vector<Token> tokenize_continued(std::string_view text) const;

    const llama_vocab * vocab_;
    int size_;
    bool spaces_before_text_; ///< whether a text's first word gets a space (SentencePiece), also after a
                              ///< special token
    std::vector<Special> specials_; ///< in the order in which llama.cpp looks for them
    std::vector<Token> mark_; ///< the tokens of `mark`, a character that no piece of the vocabulary holds
};

} // namespace reprise
