#include "jinja/expression_parser.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <locale>
#include <sstream>

namespace reprise::jinja {

namespace {

using Kind = Token::Kind;

/// Evaluating and freeing a tree recurse as deep, also where parsing does not, as in 1 + 1 + 1. It leaves
/// half of `Limits::depth` to the statements around the expression.
constexpr int max_tree_depth = 200;

/// How much of a number is shown in an error.
constexpr size_t max_shown_digits = 40;

} // namespace

template <typename Node>
ExpressionPtr ExpressionParser::hung(std::unique_ptr<Node> node, ExpressionPtr object) {
    adopt(*node, object.get());
    node->object = std::move(object);
    return node;
}

template <typename Each> void ExpressionParser::separated(std::string_view end, Each each) {
    const TokenStream::Nesting nesting(tokens_);
    for (bool first = true; !tokens_.now().is_op(end); first = false) {
        if (!first) tokens_.expect_op(",");
        if (tokens_.now().is_op(end)) break;
        each();
    }
    tokens_.expect_op(end);
}

template <typename Part> ExpressionPtr ExpressionParser::logical(std::string_view name, Part part) {
    ExpressionPtr left = part();
    while (tokens_.now().is_name(name)) {
        auto node = tokens_.make<Logical>();
        tokens_.take();
        node->conjunction = name == "and";
        node->left = std::move(left);
        node->right = part();
        adopt(*node, node->left.get());
        adopt(*node, node->right.get());
        left = std::move(node);
    }
    return left;
}

void ExpressionParser::adopt(Expression & node, const Expression * child) const {
    if (!child) return;
    node.depth = std::max(node.depth, child->depth + 1);
    if (node.depth > max_tree_depth) tokens_.fail("an expression is nested too deep");
}

bool ExpressionParser::tuple_ends(std::string_view name) const {
    return tokens_.now().kind == Kind::variable_end || tokens_.now().kind == Kind::block_end ||
           tokens_.now().is_op(")") || (!name.empty() && tokens_.now().is_name(name));
}

ExpressionPtr ExpressionParser::tuple(bool conditional, std::string_view end, bool in_parentheses) {
    auto node = tokens_.make<Sequence>();
    node->tuple = true;
    bool is_tuple = false;
    while (true) {
        if (!node->items.empty()) tokens_.expect_op(",");
        if (tuple_ends(end)) break;
        node->items.push_back(conditional ? expression() : disjunction());
        if (!tokens_.now().is_op(",")) break;
        is_tuple = true;
    }
    if (!is_tuple && !node->items.empty()) return std::move(node->items[0]);
    if (!is_tuple && !in_parentheses) tokens_.fail("Expected an expression, got " + tokens_.described());
    for (const auto & item : node->items) adopt(*node, item.get());
    return node;
}

ExpressionPtr ExpressionParser::expression() {
    const TokenStream::Nesting nesting(tokens_);
    ExpressionPtr left = disjunction();
    while (tokens_.now().is_name("if")) {
        auto node = tokens_.make<Conditional>();
        tokens_.take();
        node->then = std::move(left);
        node->test = disjunction();
        if (tokens_.skip_name("else")) node->otherwise = expression();
        for (const auto * part : {&node->then, &node->test, &node->otherwise}) adopt(*node, part->get());
        left = std::move(node);
    }
    return left;
}

ExpressionPtr ExpressionParser::disjunction() {
    return logical("or", [&] { return logical("and", [&] { return negation(); }); });
}

ExpressionPtr ExpressionParser::unary(Unary::Op op, ExpressionPtr (ExpressionParser::*operand)()) {
    const TokenStream::Nesting nesting(tokens_);
    auto node = tokens_.make<Unary>();
    tokens_.take();
    node->op = op;
    node->operand = (this->*operand)();
    adopt(*node, node->operand.get());
    return node;
}

ExpressionPtr ExpressionParser::negation() {
    return tokens_.now().is_name("not") ? unary(Unary::Op::negation, &ExpressionParser::negation)
                                        : comparison();
}

std::string ExpressionParser::comparison_operator() {
    if (tokens_.now().kind == Kind::op)
        for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
            if (tokens_.skip_op(op)) return std::string(op);
    if (tokens_.skip_name("in")) return "in";
    if (!tokens_.now().is_name("not") || !tokens_.after().is_name("in")) return "";
    tokens_.take();
    tokens_.take();
    return "not in";
}

ExpressionPtr ExpressionParser::comparison() {
    ExpressionPtr first = sum();
    auto node = tokens_.make<Comparison>();
    for (std::string op = comparison_operator(); !op.empty(); op = comparison_operator()) {
        node->rest.emplace_back(op, sum());
        adopt(*node, node->rest.back().second.get());
    }
    if (node->rest.empty()) return first;
    adopt(*node, first.get());
    node->first = std::move(first);
    return node;
}

ExpressionPtr ExpressionParser::binary(std::initializer_list<std::string_view> ops,
                                       ExpressionPtr (ExpressionParser::*part)()) {
    ExpressionPtr left = (this->*part)();
    while (tokens_.now().kind == Kind::op &&
           std::find(ops.begin(), ops.end(), tokens_.now().text) != ops.end()) {
        auto node = tokens_.make<Binary>();
        node->op = tokens_.take().text;
        node->left = std::move(left);
        node->right = (this->*part)();
        adopt(*node, node->left.get());
        adopt(*node, node->right.get());
        left = std::move(node);
    }
    return left;
}

ExpressionPtr ExpressionParser::sum() {
    return binary({"+", "-"}, &ExpressionParser::concatenation);
}

ExpressionPtr ExpressionParser::concatenation() {
    ExpressionPtr first = product();
    if (!tokens_.now().is_op("~")) return first;
    auto node = tokens_.make<Concatenation>();
    node->parts.push_back(std::move(first));
    while (tokens_.skip_op("~")) node->parts.push_back(product());
    for (const auto & part : node->parts) adopt(*node, part.get());
    return node;
}

ExpressionPtr ExpressionParser::product() {
    return binary({"*", "/", "//", "%"}, &ExpressionParser::power);
}
ExpressionPtr ExpressionParser::power() {
    return binary({"**"}, &ExpressionParser::operand);
}

ExpressionPtr ExpressionParser::unfiltered() {
    ExpressionPtr node = tokens_.now().is_op("-") ? unary(Unary::Op::negative, &ExpressionParser::unfiltered)
                         : tokens_.now().is_op("+")
                             ? unary(Unary::Op::positive, &ExpressionParser::unfiltered)
                             : primary();
    return postfix(std::move(node));
}

ExpressionPtr ExpressionParser::operand() {
    ExpressionPtr node = unfiltered();
    while (true) {
        if (tokens_.skip_op("|"))
            node = filter(std::move(node));
        else if (tokens_.now().is_name("is"))
            node = test(std::move(node));
        else if (tokens_.now().is_op("("))
            node = call(std::move(node));
        else
            return node;
    }
}

ExpressionPtr ExpressionParser::primary() {
    auto node = tokens_.make<Constant>();
    if (tokens_.now().kind == Kind::name) {
        const std::string name = tokens_.take().text;
        if (name == "true" || name == "True")
            node->value = Value(true);
        else if (name == "false" || name == "False")
            node->value = Value(false);
        else if (name == "none" || name == "None")
            node->value = Value(None{});
        else {
            auto variable = tokens_.make<Name>();
            variable->line = node->line;
            variable->name = name;
            return variable;
        }
    } else if (tokens_.now().kind == Kind::string) {
        std::string text;
        while (tokens_.now().kind == Kind::string) text += tokens_.take().text;
        node->value = Value(Text(text));
    } else if (tokens_.now().kind == Kind::integer) {
        node->value = Value(integer(tokens_.take().text));
    } else if (tokens_.now().kind == Kind::real) {
        std::istringstream in(tokens_.take().text);
        in.imbue(std::locale::classic());
        double value = 0;
        in >> value;
        node->value = Value(value);
    } else if (tokens_.skip_op("(")) {
        const TokenStream::Nesting nesting(tokens_);
        ExpressionPtr inside = tuple(true, "", true);
        tokens_.expect_op(")");
        return inside;
    } else if (tokens_.skip_op("[")) {
        auto list = tokens_.make<Sequence>();
        separated("]", [&] {
            list->items.push_back(expression());
            adopt(*list, list->items.back().get());
        });
        return list;
    } else if (tokens_.skip_op("{")) {
        auto dict = tokens_.make<DictLiteral>();
        separated("}", [&] {
            ExpressionPtr key = expression();
            tokens_.expect_op(":");
            dict->entries.emplace_back(std::move(key), expression());
            adopt(*dict, dict->entries.back().first.get());
            adopt(*dict, dict->entries.back().second.get());
        });
        return dict;
    } else {
        tokens_.fail("unexpected " + tokens_.described());
    }
    return node;
}

int64_t ExpressionParser::integer(const std::string & text) {
    const int base = text.size() < 2 || text[0] != '0'  ? 10
                     : text[1] == 'x' || text[1] == 'X' ? 16
                     : text[1] == 'o' || text[1] == 'O' ? 8
                     : text[1] == 'b' || text[1] == 'B' ? 2
                                                        : 10;
    errno = 0;
    const int64_t value = std::strtoll(text.c_str() + (base == 10 ? 0 : 2), nullptr, base);
    if (errno != 0) tokens_.fail("the number " + text.substr(0, max_shown_digits) + " is too large");
    return value;
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr node) {
    while (true) {
        if (tokens_.now().is_op(".") || tokens_.now().is_op("["))
            node = subscript(std::move(node));
        else if (tokens_.now().is_op("("))
            node = call(std::move(node));
        else
            return node;
    }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object) {
    if (tokens_.skip_op(".")) {
        if (tokens_.now().kind == Kind::integer) {
            auto node = tokens_.make<Item>();
            auto key = tokens_.make<Constant>();
            key->value = Value(integer(tokens_.take().text));
            node->key = std::move(key);
            return hung(std::move(node), std::move(object));
        }
        auto node = tokens_.make<Attribute>();
        node->name = tokens_.expect_any_name();
        return hung(std::move(node), std::move(object));
    }
    tokens_.expect_op("[");
    const TokenStream::Nesting nesting(tokens_);
    ExpressionPtr start, stop, step;
    if (!tokens_.now().is_op(":")) start = tuple_in_brackets();
    if (!tokens_.now().is_op(":")) {
        tokens_.expect_op("]");
        auto node = tokens_.make<Item>();
        adopt(*node, start.get());
        node->key = std::move(start);
        return hung(std::move(node), std::move(object));
    }
    tokens_.take();
    if (!tokens_.now().is_op(":") && !tokens_.now().is_op("]")) stop = expression();
    if (tokens_.skip_op(":") && !tokens_.now().is_op("]")) step = expression();
    tokens_.expect_op("]");
    auto node = tokens_.make<Slice>();
    for (const auto * part : {&start, &stop, &step}) adopt(*node, part->get());
    node->start = std::move(start);
    node->stop = std::move(stop);
    node->step = std::move(step);
    return hung(std::move(node), std::move(object));
}

ExpressionPtr ExpressionParser::tuple_in_brackets() {
    ExpressionPtr first = expression();
    if (!tokens_.now().is_op(",")) return first;
    auto node = tokens_.make<Sequence>();
    node->tuple = true;
    node->items.push_back(std::move(first));
    while (tokens_.skip_op(",")) node->items.push_back(expression());
    for (const auto & item : node->items) adopt(*node, item.get());
    return node;
}

void ExpressionParser::arguments(Expression & node, CallArguments & given) {
    tokens_.expect_op("(");
    separated(")", [&] {
        ExpressionPtr * place = nullptr;
        if (tokens_.skip_op("*")) {
            place = &given.more_positional;
        } else if (tokens_.skip_op("**")) {
            place = &given.more_named;
        } else if (tokens_.now().kind == Kind::name && tokens_.after().is_op("=")) {
            given.named.emplace_back(tokens_.take().text, nullptr);
            tokens_.take();
            place = &given.named.back().second;
        } else {
            if (!given.named.empty() || given.more_positional || given.more_named)
                tokens_.fail("invalid syntax for function call expression");
            given.positional.emplace_back();
            place = &given.positional.back();
        }
        if (*place) tokens_.fail("invalid syntax for function call expression");
        *place = expression();
        adopt(node, place->get());
    });
}

ExpressionPtr ExpressionParser::call(ExpressionPtr callee) {
    auto node = tokens_.make<Call>();
    arguments(*node, node->arguments);
    adopt(*node, callee.get());
    node->callee = std::move(callee);
    return node;
}

std::unique_ptr<Filter> ExpressionParser::filter(ExpressionPtr operand) {
    auto node = tokens_.make<Filter>();
    node->name = tokens_.expect_any_name();
    if (tokens_.now().is_op("(")) arguments(*node, node->arguments);
    adopt(*node, operand.get());
    node->operand = std::move(operand);
    return node;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr operand) {
    tokens_.take(); // Takes "is".
    const bool negated = tokens_.skip_name("not");
    auto node = tokens_.make<Test>();
    node->name = tokens_.expect_any_name();
    const bool takes_one = tokens_.now().kind == Kind::string || tokens_.now().kind == Kind::integer ||
                           tokens_.now().kind == Kind::real || tokens_.now().is_op("[") ||
                           tokens_.now().is_op("{") ||
                           (tokens_.now().kind == Kind::name && !tokens_.now().is_name("else") &&
                            !tokens_.now().is_name("or") && !tokens_.now().is_name("and"));
    if (tokens_.now().is_op("(")) {
        arguments(*node, node->arguments);
    } else if (takes_one) {
        if (tokens_.now().is_name("is")) tokens_.fail("You cannot chain multiple tests with is");
        node->arguments.positional.push_back(postfix(primary()));
        adopt(*node, node->arguments.positional.back().get());
    }
    adopt(*node, operand.get());
    node->operand = std::move(operand);
    if (!negated) return node;
    auto inverted = tokens_.make<Unary>();
    inverted->op = Unary::Op::negation;
    adopt(*inverted, node.get());
    inverted->operand = std::move(node);
    return inverted;
}

} // namespace reprise::jinja
