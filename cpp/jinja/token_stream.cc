#include "jinja/token_stream.h"

namespace reprise::jinja {

namespace {

using Kind = Token::Kind;

/// The parsers recurse as deep. Parentheses, which take most of the stack, take 76 kB at this depth;
/// templates that people write are a tenth as deep.
constexpr int max_nesting = 60;

/// How much of a token is shown in an error.
constexpr size_t max_shown_bytes = 40;

} // namespace

bool TokenStream::skip_op(std::string_view op) {
    const bool is = now().is_op(op);
    if (is) take();
    return is;
}
bool TokenStream::skip_name(std::string_view name) {
    const bool is = now().is_name(name);
    if (is) take();
    return is;
}
void TokenStream::expect_op(std::string_view op) {
    if (!skip_op(op)) fail("expected token '" + std::string(op) + "', got " + described());
}
void TokenStream::expect_name(std::string_view name) {
    if (!skip_name(name)) fail("expected token '" + std::string(name) + "', got " + described());
}
std::string TokenStream::expect_any_name() {
    if (now().kind != Kind::name) fail("expected a name, got " + described());
    return take().text;
}
void TokenStream::expect_end(Kind kind) {
    if (now().kind != kind)
        fail(std::string("expected token 'end of ") +
             (kind == Kind::block_end ? "statement block" : "print statement") + "', got " + described());
    take();
}

std::string TokenStream::described() const {
    switch (now().kind) {
    case Kind::end:
        return "end of template";
    case Kind::variable_end:
        return "end of print statement";
    case Kind::block_end:
        return "end of statement block";
    default:
        return "'" + now().text.substr(0, max_shown_bytes) + "'";
    }
}

bool TokenStream::took_name_since(size_t position, std::string_view name) const {
    return std::any_of(tokens_.begin() + position, tokens_.begin() + at_,
                       [&](const Token & token) { return token.is_name(name); });
}

TokenStream::Nesting::Nesting(TokenStream & tokens) : tokens_(tokens) {
    if (tokens_.nesting_ >= max_nesting) tokens_.fail("it is nested too deep");
    ++tokens_.nesting_;
}

} // namespace reprise::jinja
