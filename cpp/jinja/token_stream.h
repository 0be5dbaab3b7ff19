#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/lexer.h"

namespace reprise::jinja {

/// A template's tokens as the parsers read them, one after another.
class TokenStream {
public:
    /// Throws Failure.
    explicit TokenStream(std::string_view source) : tokens_(tokens_of(source)) {}

    const Token & now() const { return tokens_[at_]; }
    const Token & after() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    /// The token, behind which the stream is then; it never goes behind the end.
    const Token & take() { return tokens_[now().kind == Token::Kind::end ? at_ : at_++]; }

    /// Takes the token where it is this one, and says whether it was.
    bool skip_op(std::string_view op);
    bool skip_name(std::string_view name);
    /// Takes the token, which must be this one. Throws Failure.
    void expect_op(std::string_view op);
    void expect_name(std::string_view name);
    /// Takes a name, whichever it is. Throws Failure.
    std::string expect_any_name();
    /// Takes the end of a block or of a print statement. Throws Failure.
    void expect_end(Token::Kind kind);

    /// The token in words, as Python's Jinja has them in its errors.
    std::string described() const;
    [[noreturn]] void fail(const std::string & what) const { throw failure_at(now().line, what); }

    /// How many tokens were taken.
    size_t position() const { return at_; }
    /// Whether one of the tokens that were taken since `position` is this name.
    bool took_name_since(size_t position, std::string_view name) const;

    /// A node of the tree that begins with the token.
    template <typename Node> std::unique_ptr<Node> make() const {
        auto node = std::make_unique<Node>();
        node->line = now().line;
        return node;
    }

    /// A part of the template inside another, for as long as it is parsed. Throws Failure where there are too
    /// many.
    class Nesting {
    public:
        explicit Nesting(TokenStream & tokens);
        ~Nesting() { --tokens_.nesting_; }
        Nesting(const Nesting &) = delete;
        Nesting & operator=(const Nesting &) = delete;

    private:
        TokenStream & tokens_;
    };

private:
    const std::vector<Token> tokens_;
    size_t at_ = 0;
    int nesting_ = 0; ///< how many parts are being parsed, one inside the other
};

} // namespace reprise::jinja
