#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "jinja/expressions.h"
#include "jinja/token_stream.h"

namespace reprise::jinja {

/// Parses expressions as Python's Jinja does, rule by rule (jinja2/parser.py, 3.1). The functions begin at
/// the token that the stream is at and leave it behind what they have parsed. All throw Failure.
class ExpressionParser {
public:
    explicit ExpressionParser(TokenStream & tokens) : tokens_(tokens) {}

    ExpressionPtr expression();
    /// An expression, or several with commas between them, which make a tuple. `conditional` is whether `if`
    /// belongs to the expressions; the name `end` ends the tuple, as may the end of a tag or a parenthesis.
    /// In parentheses the tuple may be empty.
    ExpressionPtr tuple(bool conditional = true, std::string_view end = "", bool in_parentheses = false);
    /// Whether the token is one that ends a tuple.
    bool tuple_ends(std::string_view end) const;
    /// A filter's name and arguments, behind its `|`.
    std::unique_ptr<Filter> filter(ExpressionPtr operand);

private:
    /// Takes note that `child`, which may be null, hangs under `node`. Throws Failure where the tree becomes
    /// too deep.
    void adopt(Expression & node, const Expression * child) const;
    /// Operands that `part` parses, with the name between them.
    template <typename Part> ExpressionPtr logical(std::string_view name, Part part);
    ExpressionPtr disjunction();
    /// The operator that the stream is at, and its operand.
    ExpressionPtr unary(Unary::Op op, ExpressionPtr (ExpressionParser::*operand)());
    ExpressionPtr negation();
    /// Takes a comparison operator, of one or two tokens; empty where there is none.
    std::string comparison_operator();
    ExpressionPtr comparison();
    /// Operands that `part` parses, with operators between them, of which the left ones bind first.
    ExpressionPtr binary(std::initializer_list<std::string_view> ops,
                         ExpressionPtr (ExpressionParser::*part)());
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    /// An operand without filters, tests and calls of them.
    ExpressionPtr unfiltered();
    ExpressionPtr operand();
    ExpressionPtr primary();
    /// Calls `each` at each of the parts between commas, up to `end`.
    template <typename Each> void separated(std::string_view end, Each each);
    /// The value of an integer token.
    int64_t integer(const std::string & text);
    /// The attributes, items and calls behind `node`.
    ExpressionPtr postfix(ExpressionPtr node);
    ExpressionPtr subscript(ExpressionPtr object);
    ExpressionPtr tuple_in_brackets();
    /// `node`, with the object that it is a part of.
    template <typename Node> ExpressionPtr hung(std::unique_ptr<Node> node, ExpressionPtr object);
    /// The arguments of a call, with their parentheses.
    void arguments(Expression & node, CallArguments & given);
    ExpressionPtr call(ExpressionPtr callee);
    /// `is` and what stands behind it.
    ExpressionPtr test(ExpressionPtr operand);

    TokenStream & tokens_;
};

} // namespace reprise::jinja
