#include "jinja/parser.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <locale>
#include <sstream>

#include "jinja/lexer.h"

namespace reprise::jinja {

namespace {

/// Evaluation and destruction recurse as deep as this.
constexpr int deepest_tree = 200;
constexpr int deepest_nesting = 60;

using Kind = Token::Kind;

/// As Python's Jinja parses, rule by rule (jinja2/parser.py, 3.1).
class Parser {
public:
    explicit Parser(std::string_view source) : tokens_(tokens_of(source)) {}

    Body parse() {
        Body body = statements({});
        if (now().kind != Kind::end) fail("unexpected " + described());
        return body;
    }

private:
    const Token & now() const { return tokens_[at_]; }
    const Token & after() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    const Token & take() { return tokens_[now().kind == Kind::end ? at_ : at_++]; }

    [[noreturn]] void fail(const std::string & what) const { throw failure_at(now().line, what); }

    std::string described() const {
        switch (now().kind) {
        case Kind::end:
            return "end of template";
        case Kind::variable_end:
            return "end of print statement";
        case Kind::block_end:
            return "end of statement block";
        default:
            return "'" + now().text.substr(0, 40) + "'";
        }
    }

    bool skip_op(std::string_view op) {
        const bool is = now().is_op(op);
        if (is) take();
        return is;
    }
    bool skip_name(std::string_view name) {
        const bool is = now().is_name(name);
        if (is) take();
        return is;
    }
    void expect_op(std::string_view op) {
        if (!skip_op(op)) fail("expected token '" + std::string(op) + "', got " + described());
    }
    void expect_name(std::string_view name) {
        if (!skip_name(name)) fail("expected token '" + std::string(name) + "', got " + described());
    }
    std::string expect_any_name() {
        if (now().kind != Kind::name) fail("expected a name, got " + described());
        return take().text;
    }
    void expect_end(Kind kind) {
        if (now().kind != kind)
            fail(std::string("expected token 'end of ") +
                 (kind == Kind::block_end ? "statement block" : "print statement") + "', got " + described());
        take();
    }

    class Nesting {
    public:
        explicit Nesting(Parser & parser) : parser_(parser) {
            if (++parser_.nesting_ > deepest_nesting) parser_.fail("it is nested too deep");
        }
        ~Nesting() { --parser_.nesting_; }

    private:
        Parser & parser_;
    };

    template <typename Node> std::unique_ptr<Node> make() const {
        auto node = std::make_unique<Node>();
        node->line = now().line;
        return node;
    }

    /// Hangs `child` under `node`.
    void adopt(Expression & node, const Expression * child) const {
        if (!child) return;
        node.depth = std::max(node.depth, child->depth + 1);
        if (node.depth > deepest_tree) fail("an expression is nested too deep");
    }

    // Statements.

    Body statements(std::initializer_list<std::string_view> ends) {
        const Nesting nesting(*this);
        Body body;
        while (now().kind != Kind::end) {
            if (now().kind == Kind::data) {
                auto node = make<Data>();
                node->text = take().text;
                body.push_back(std::move(node));
            } else if (now().kind == Kind::variable_begin) {
                auto node = make<Output>();
                take();
                node->value = tuple();
                expect_end(Kind::variable_end);
                body.push_back(std::move(node));
            } else if (now().kind == Kind::block_begin) {
                take();
                if (std::any_of(ends.begin(), ends.end(), [&](auto end) { return now().is_name(end); }))
                    return body;
                if (StatementPtr node = statement()) body.push_back(std::move(node));
                expect_end(Kind::block_end);
            } else {
                fail("unexpected " + described());
            }
        }
        if (ends.size() > 0)
            fail("Unexpected end of template. Jinja was looking for the tag '" +
                 std::string(ends.begin()[ends.size() - 1]) + "'");
        return body;
    }

    /// After the statement's own tag; the last end is taken, too.
    Body block(std::initializer_list<std::string_view> ends) {
        skip_op(":");
        expect_end(Kind::block_end);
        return statements(ends);
    }
    Body block_to(std::string_view end) {
        Body body = block({end});
        take();
        return body;
    }

    StatementPtr statement() {
        if (now().kind != Kind::name) fail("tag name expected");
        const std::string name = now().text;
        if (name == "for") return for_statement();
        if (name == "if") return if_statement();
        if (name == "set") return set_statement();
        if (name == "macro") return macro_statement();
        if (name == "call") return call_statement();
        if (name == "filter") return filter_statement();
        if (name == "with") return with_statement();
        if (name == "generation" || name == "autoescape") {
            auto node = make<Block>();
            take();
            if (name == "autoescape" && expression()->depth > deepest_tree) fail("unexpected expression");
            node->body = block_to("end" + name);
            return node;
        }
        if (name == "break" || name == "continue") {
            if (loops_ == 0) fail("'" + name + "' outside of a loop");
            auto node = make<Jump>();
            take();
            node->flow = name == "break" ? Flow::out_of_loop : Flow::next_round;
            return node;
        }
        if (name == "print") {
            auto node = make<Output>();
            take();
            node->value = expression();
            return node;
        }
        for (const auto other : {"block", "extends", "include", "import", "from"})
            if (name == other)
                fail("the tag '" + name + "' needs other templates, which a chat template has not");
        fail("Encountered unknown tag '" + name + "'");
    }

    StatementPtr for_statement() {
        auto node = make<For>();
        take();
        node->target = target("in", false);
        expect_name("in");
        node->items = tuple(false, "recursive");
        if (skip_name("if")) node->test = expression();
        node->recursive = skip_name("recursive");
        ++loops_;
        node->body = block({"else", "endfor"});
        --loops_;
        if (!skip_name("endfor")) {
            take();
            node->otherwise = block_to("endfor");
        }
        return node;
    }

    StatementPtr if_statement() {
        auto node = make<If>();
        take();
        while (true) {
            ExpressionPtr test = tuple(false);
            node->branches.emplace_back(std::move(test), block({"elif", "else", "endif"}));
            if (skip_name("elif")) continue;
            if (skip_name("else"))
                node->otherwise = block_to("endif");
            else
                take();
            return node;
        }
    }

    StatementPtr set_statement() {
        const int line = now().line;
        take();
        Target assigned = target("", true);
        if (skip_op("=")) {
            auto node = make<Set>();
            node->line = line;
            node->target = std::move(assigned);
            node->value = tuple();
            return node;
        }
        auto node = make<Block>();
        node->line = line;
        node->target = std::make_unique<Target>(std::move(assigned));
        while (skip_op("|")) node->filters.push_back(filter(nullptr));
        node->body = block_to("endset");
        return node;
    }

    StatementPtr filter_statement() {
        auto node = make<Block>();
        take();
        do node->filters.push_back(filter(nullptr));
        while (skip_op("|"));
        node->body = block_to("endfilter");
        return node;
    }

    StatementPtr with_statement() {
        auto node = make<With>();
        take();
        while (now().kind != Kind::block_end) {
            if (!node->values.empty()) expect_op(",");
            Target assigned = target("", false);
            expect_op("=");
            node->values.emplace_back(std::move(assigned), expression());
        }
        node->body = block_to("endwith");
        return node;
    }

    /// Whether the code between two places uses a name.
    bool uses(size_t from, std::string_view name) const {
        return std::any_of(tokens_.begin() + from, tokens_.begin() + at_,
                           [&](const Token & token) { return token.is_name(name); });
    }

    Parameters signature() {
        Parameters parameters;
        expect_op("(");
        while (!now().is_op(")")) {
            if (!parameters.list.empty()) expect_op(",");
            std::string name = expect_any_name();
            ExpressionPtr otherwise;
            if (skip_op("="))
                otherwise = expression();
            else if (!parameters.list.empty() && parameters.list.back().second)
                fail("non-default argument follows default argument");
            parameters.list.emplace_back(std::move(name), std::move(otherwise));
        }
        expect_op(")");
        return parameters;
    }

    template <typename Node> void body_of(Node & node, std::string_view end) {
        const size_t from = at_;
        const int loops = std::exchange(loops_, 0);
        node.body = block_to(end);
        loops_ = loops;
        node.parameters.takes_more_positional = uses(from, "varargs");
        node.parameters.takes_more_named = uses(from, "kwargs");
        node.parameters.takes_caller = uses(from, "caller");
    }

    StatementPtr macro_statement() {
        auto node = make<Macro>();
        take();
        node->name = expect_any_name();
        node->parameters = signature();
        body_of(*node, "endmacro");
        return node;
    }

    StatementPtr call_statement() {
        auto node = make<CallBlock>();
        take();
        if (now().is_op("(")) node->parameters = signature();
        ExpressionPtr called = expression();
        auto * call = dynamic_cast<Call *>(called.get());
        if (!call) fail("expected call");
        called.release();
        node->call.reset(call);
        body_of(*node, "endcall");
        return node;
    }

    /// `end`: the name that ends it.
    Target target(std::string_view end, bool attributes) {
        Target first = single_target(attributes);
        if (!now().is_op(",")) return first;
        Target all;
        all.tuple = true;
        all.several.push_back(std::move(first));
        while (skip_op(",")) {
            if (tuple_ends(end) || now().is_op("=") || now().is_op(")")) break;
            all.several.push_back(single_target(attributes));
        }
        return all;
    }

    Target single_target(bool attributes) {
        const Nesting nesting(*this);
        if (skip_op("(")) {
            Target inside = target("", attributes);
            expect_op(")");
            return inside;
        }
        Target one;
        one.name = expect_any_name();
        for (const auto constant : {"true", "false", "none", "True", "False", "None"})
            if (one.name == constant) fail("can't assign to '" + one.name + "'");
        if (attributes && skip_op(".")) one.attribute = expect_any_name();
        return one;
    }

    // Expressions.

    bool tuple_ends(std::string_view name) const {
        return now().kind == Kind::variable_end || now().kind == Kind::block_end || now().is_op(")") ||
               (!name.empty() && now().is_name(name));
    }

    ExpressionPtr tuple(bool conditional = true, std::string_view end = "", bool in_parentheses = false) {
        auto node = make<Sequence>();
        node->tuple = true;
        bool is_tuple = false;
        while (true) {
            if (!node->items.empty()) expect_op(",");
            if (tuple_ends(end)) break;
            node->items.push_back(conditional ? expression() : disjunction());
            if (!now().is_op(",")) break;
            is_tuple = true;
        }
        if (!is_tuple && !node->items.empty()) return std::move(node->items[0]);
        if (!is_tuple && !in_parentheses) fail("Expected an expression, got " + described());
        for (const auto & item : node->items) adopt(*node, item.get());
        return node;
    }

    ExpressionPtr expression() {
        const Nesting nesting(*this);
        ExpressionPtr left = disjunction();
        while (now().is_name("if")) {
            auto node = make<Conditional>();
            take();
            node->then = std::move(left);
            node->test = disjunction();
            if (skip_name("else")) node->otherwise = expression();
            for (const auto * part : {&node->then, &node->test, &node->otherwise}) adopt(*node, part->get());
            left = std::move(node);
        }
        return left;
    }

    template <typename Part> ExpressionPtr logical(std::string_view name, Part part) {
        ExpressionPtr left = part();
        while (now().is_name(name)) {
            auto node = make<Logical>();
            take();
            node->conjunction = name == "and";
            node->left = std::move(left);
            node->right = part();
            adopt(*node, node->left.get());
            adopt(*node, node->right.get());
            left = std::move(node);
        }
        return left;
    }

    ExpressionPtr disjunction() {
        return logical("or", [&] { return logical("and", [&] { return negation(); }); });
    }

    ExpressionPtr unary(Unary::Op op, ExpressionPtr (Parser::*operand)()) {
        const Nesting nesting(*this);
        auto node = make<Unary>();
        take();
        node->op = op;
        node->operand = (this->*operand)();
        adopt(*node, node->operand.get());
        return node;
    }

    ExpressionPtr negation() {
        return now().is_name("not") ? unary(Unary::Op::negation, &Parser::negation) : comparison();
    }

    std::string comparison_operator() {
        if (now().kind == Kind::op)
            for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
                if (skip_op(op)) return std::string(op);
        if (skip_name("in")) return "in";
        if (!now().is_name("not") || !after().is_name("in")) return "";
        take();
        take();
        return "not in";
    }

    ExpressionPtr comparison() {
        ExpressionPtr first = sum();
        auto node = make<Comparison>();
        for (std::string op = comparison_operator(); !op.empty(); op = comparison_operator()) {
            node->rest.emplace_back(op, sum());
            adopt(*node, node->rest.back().second.get());
        }
        if (node->rest.empty()) return first;
        adopt(*node, first.get());
        node->first = std::move(first);
        return node;
    }

    ExpressionPtr binary(std::initializer_list<std::string_view> ops, ExpressionPtr (Parser::*part)()) {
        ExpressionPtr left = (this->*part)();
        while (now().kind == Kind::op && std::find(ops.begin(), ops.end(), now().text) != ops.end()) {
            auto node = make<Binary>();
            node->op = take().text;
            node->left = std::move(left);
            node->right = (this->*part)();
            adopt(*node, node->left.get());
            adopt(*node, node->right.get());
            left = std::move(node);
        }
        return left;
    }

    ExpressionPtr sum() { return binary({"+", "-"}, &Parser::concatenation); }

    ExpressionPtr concatenation() {
        ExpressionPtr first = product();
        if (!now().is_op("~")) return first;
        auto node = make<Concatenation>();
        node->parts.push_back(std::move(first));
        while (skip_op("~")) node->parts.push_back(product());
        for (const auto & part : node->parts) adopt(*node, part.get());
        return node;
    }

    ExpressionPtr product() { return binary({"*", "/", "//", "%"}, &Parser::power); }
    ExpressionPtr power() { return binary({"**"}, &Parser::operand); }

    ExpressionPtr unfiltered() {
        ExpressionPtr node = now().is_op("-")   ? unary(Unary::Op::negative, &Parser::unfiltered)
                             : now().is_op("+") ? unary(Unary::Op::positive, &Parser::unfiltered)
                                                : primary();
        return postfix(std::move(node));
    }

    ExpressionPtr operand() {
        ExpressionPtr node = unfiltered();
        while (true) {
            if (skip_op("|"))
                node = filter(std::move(node));
            else if (now().is_name("is"))
                node = test(std::move(node));
            else if (now().is_op("("))
                node = call(std::move(node));
            else
                return node;
        }
    }

    ExpressionPtr primary() {
        auto node = make<Constant>();
        if (now().kind == Kind::name) {
            const std::string name = take().text;
            if (name == "true" || name == "True")
                node->value = Value(true);
            else if (name == "false" || name == "False")
                node->value = Value(false);
            else if (name == "none" || name == "None")
                node->value = Value(None{});
            else {
                auto variable = make<Name>();
                variable->line = node->line;
                variable->name = name;
                return variable;
            }
        } else if (now().kind == Kind::string) {
            std::string text;
            while (now().kind == Kind::string) text += take().text;
            node->value = Value(Text(text));
        } else if (now().kind == Kind::integer) {
            node->value = Value(integer(take().text));
        } else if (now().kind == Kind::real) {
            std::istringstream in(take().text);
            in.imbue(std::locale::classic());
            double value = 0;
            in >> value;
            node->value = Value(value);
        } else if (skip_op("(")) {
            const Nesting nesting(*this);
            ExpressionPtr inside = tuple(true, "", true);
            expect_op(")");
            return inside;
        } else if (skip_op("[")) {
            auto list = make<Sequence>();
            separated("]", [&] {
                list->items.push_back(expression());
                adopt(*list, list->items.back().get());
            });
            return list;
        } else if (skip_op("{")) {
            auto dict = make<DictLiteral>();
            separated("}", [&] {
                ExpressionPtr key = expression();
                expect_op(":");
                dict->entries.emplace_back(std::move(key), expression());
                adopt(*dict, dict->entries.back().first.get());
                adopt(*dict, dict->entries.back().second.get());
            });
            return dict;
        } else {
            fail("unexpected " + described());
        }
        return node;
    }

    template <typename Each> void separated(std::string_view end, Each each) {
        const Nesting nesting(*this);
        for (bool first = true; !now().is_op(end); first = false) {
            if (!first) expect_op(",");
            if (now().is_op(end)) break;
            each();
        }
        expect_op(end);
    }

    int64_t integer(const std::string & text) {
        const int base = text.size() < 2 || text[0] != '0'  ? 10
                         : text[1] == 'x' || text[1] == 'X' ? 16
                         : text[1] == 'o' || text[1] == 'O' ? 8
                         : text[1] == 'b' || text[1] == 'B' ? 2
                                                            : 10;
        errno = 0;
        const int64_t value = std::strtoll(text.c_str() + (base == 10 ? 0 : 2), nullptr, base);
        if (errno != 0) fail("the number " + text.substr(0, 40) + " is too large");
        return value;
    }

    ExpressionPtr postfix(ExpressionPtr node) {
        while (true) {
            if (now().is_op(".") || now().is_op("["))
                node = subscript(std::move(node));
            else if (now().is_op("("))
                node = call(std::move(node));
            else
                return node;
        }
    }

    ExpressionPtr subscript(ExpressionPtr object) {
        if (skip_op(".")) {
            if (now().kind == Kind::integer) {
                auto node = make<Item>();
                auto key = make<Constant>();
                key->value = Value(integer(take().text));
                node->key = std::move(key);
                return hung(std::move(node), std::move(object));
            }
            auto node = make<Attribute>();
            node->name = expect_any_name();
            return hung(std::move(node), std::move(object));
        }
        expect_op("[");
        const Nesting nesting(*this);
        ExpressionPtr start, stop, step;
        if (!now().is_op(":")) start = tuple_in_brackets();
        if (!now().is_op(":")) {
            expect_op("]");
            auto node = make<Item>();
            adopt(*node, start.get());
            node->key = std::move(start);
            return hung(std::move(node), std::move(object));
        }
        take();
        if (!now().is_op(":") && !now().is_op("]")) stop = expression();
        if (skip_op(":") && !now().is_op("]")) step = expression();
        expect_op("]");
        auto node = make<Slice>();
        for (const auto * part : {&start, &stop, &step}) adopt(*node, part->get());
        node->start = std::move(start);
        node->stop = std::move(stop);
        node->step = std::move(step);
        return hung(std::move(node), std::move(object));
    }

    ExpressionPtr tuple_in_brackets() {
        ExpressionPtr first = expression();
        if (!now().is_op(",")) return first;
        auto node = make<Sequence>();
        node->tuple = true;
        node->items.push_back(std::move(first));
        while (skip_op(",")) node->items.push_back(expression());
        for (const auto & item : node->items) adopt(*node, item.get());
        return node;
    }

    template <typename Node> ExpressionPtr hung(std::unique_ptr<Node> node, ExpressionPtr object) {
        adopt(*node, object.get());
        node->object = std::move(object);
        return node;
    }

    void arguments(Expression & node, CallArguments & given) {
        expect_op("(");
        separated(")", [&] {
            ExpressionPtr * place = nullptr;
            if (skip_op("*")) {
                place = &given.more_positional;
            } else if (skip_op("**")) {
                place = &given.more_named;
            } else if (now().kind == Kind::name && after().is_op("=")) {
                given.named.emplace_back(take().text, nullptr);
                take();
                place = &given.named.back().second;
            } else {
                if (!given.named.empty() || given.more_positional || given.more_named)
                    fail("invalid syntax for function call expression");
                given.positional.emplace_back();
                place = &given.positional.back();
            }
            if (*place) fail("invalid syntax for function call expression");
            *place = expression();
            adopt(node, place->get());
        });
    }

    ExpressionPtr call(ExpressionPtr callee) {
        auto node = make<Call>();
        arguments(*node, node->arguments);
        adopt(*node, callee.get());
        node->callee = std::move(callee);
        return node;
    }

    std::unique_ptr<Filter> filter(ExpressionPtr operand) {
        auto node = make<Filter>();
        node->name = expect_any_name();
        if (now().is_op("(")) arguments(*node, node->arguments);
        adopt(*node, operand.get());
        node->operand = std::move(operand);
        return node;
    }

    ExpressionPtr test(ExpressionPtr operand) {
        take(); // is
        const bool negated = skip_name("not");
        auto node = make<Test>();
        node->name = expect_any_name();
        const bool takes_one = now().kind == Kind::string || now().kind == Kind::integer ||
                               now().kind == Kind::real || now().is_op("[") || now().is_op("{") ||
                               (now().kind == Kind::name && !now().is_name("else") && !now().is_name("or") &&
                                !now().is_name("and"));
        if (now().is_op("(")) {
            arguments(*node, node->arguments);
        } else if (takes_one) {
            if (now().is_name("is")) fail("You cannot chain multiple tests with is");
            node->arguments.positional.push_back(postfix(primary()));
            adopt(*node, node->arguments.positional.back().get());
        }
        adopt(*node, operand.get());
        node->operand = std::move(operand);
        if (!negated) return node;
        auto inverted = make<Unary>();
        inverted->op = Unary::Op::negation;
        adopt(*inverted, node.get());
        inverted->operand = std::move(node);
        return inverted;
    }

    std::vector<Token> tokens_;
    size_t at_ = 0;
    int nesting_ = 0;
    int loops_ = 0; ///< around what is parsed
};

} // namespace

Body parse(std::string_view source) {
    return Parser(source).parse();
}

} // namespace reprise::jinja
