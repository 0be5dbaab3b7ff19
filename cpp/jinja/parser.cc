#include "jinja/parser.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "jinja/expression_parser.h"
#include "jinja/token_stream.h"

namespace reprise::jinja {

namespace {

using Kind = Token::Kind;

/// Parses statements as Python's Jinja does, rule by rule (jinja2/parser.py, 3.1).
class Parser {
public:
    explicit Parser(std::string_view source) : tokens_(source), expressions_(tokens_) {}

    Body parse() {
        Body body = statements({});
        if (tokens_.now().kind != Kind::end) tokens_.fail("unexpected " + tokens_.described());
        return body;
    }

private:
    /// Statements up to a tag of one of the names `ends`; up to the end of the template where there are none.
    Body statements(std::initializer_list<std::string_view> ends) {
        const TokenStream::Nesting nesting(tokens_);
        Body body;
        while (tokens_.now().kind != Kind::end) {
            if (tokens_.now().kind == Kind::data) {
                auto node = tokens_.make<Data>();
                node->text = tokens_.take().text;
                body.push_back(std::move(node));
            } else if (tokens_.now().kind == Kind::variable_begin) {
                auto node = tokens_.make<Output>();
                tokens_.take();
                node->value = expressions_.tuple();
                tokens_.expect_end(Kind::variable_end);
                body.push_back(std::move(node));
            } else if (tokens_.now().kind == Kind::block_begin) {
                tokens_.take();
                if (std::any_of(ends.begin(), ends.end(),
                                [&](auto end) { return tokens_.now().is_name(end); }))
                    return body;
                if (StatementPtr node = statement()) body.push_back(std::move(node));
                tokens_.expect_end(Kind::block_end);
            } else {
                tokens_.fail("unexpected " + tokens_.described());
            }
        }
        if (ends.size() > 0)
            tokens_.fail("Unexpected end of template. Jinja was looking for the tag '" +
                         std::string(ends.begin()[ends.size() - 1]) + "'");
        return body;
    }

    /// The body of a statement from the end of its tag on, up to a tag of one of the names `ends`, at which
    /// the stream is then.
    Body block(std::initializer_list<std::string_view> ends) {
        tokens_.skip_op(":");
        tokens_.expect_end(Kind::block_end);
        return statements(ends);
    }
    /// The body up to the tag `end`, whose name is taken.
    Body block_to(std::string_view end) {
        Body body = block({end});
        tokens_.take();
        return body;
    }

    StatementPtr statement() {
        if (tokens_.now().kind != Kind::name) tokens_.fail("tag name expected");
        const std::string name = tokens_.now().text;
        if (name == "for") return for_statement();
        if (name == "if") return if_statement();
        if (name == "set") return set_statement();
        if (name == "macro") return macro_statement();
        if (name == "call") return call_statement();
        if (name == "filter") return filter_statement();
        if (name == "with") return with_statement();
        if (name == "generation" || name == "autoescape") {
            auto node = tokens_.make<Block>();
            tokens_.take();
            if (name == "autoescape")
                expressions_.expression(); // Its value changes nothing: no text is HTML here.
            node->body = block_to("end" + name);
            return node;
        }
        if (name == "break" || name == "continue") {
            if (loops_ == 0) tokens_.fail("'" + name + "' outside of a loop");
            auto node = tokens_.make<Jump>();
            tokens_.take();
            node->flow = name == "break" ? Flow::out_of_loop : Flow::next_round;
            return node;
        }
        if (name == "print") {
            auto node = tokens_.make<Output>();
            tokens_.take();
            node->value = expressions_.expression();
            return node;
        }
        for (const auto other : {"block", "extends", "include", "import", "from"})
            if (name == other)
                tokens_.fail("the tag '" + name + "' needs other templates, which a chat template has not");
        tokens_.fail("Encountered unknown tag '" + name + "'");
    }

    StatementPtr for_statement() {
        auto node = tokens_.make<For>();
        tokens_.take();
        node->target = target("in", false);
        tokens_.expect_name("in");
        node->items = expressions_.tuple(false, "recursive");
        if (tokens_.skip_name("if")) node->test = expressions_.expression();
        node->recursive = tokens_.skip_name("recursive");
        ++loops_;
        node->body = block({"else", "endfor"});
        --loops_;
        if (!tokens_.skip_name("endfor")) {
            tokens_.take();
            node->otherwise = block_to("endfor");
        }
        return node;
    }

    StatementPtr if_statement() {
        auto node = tokens_.make<If>();
        tokens_.take();
        while (true) {
            ExpressionPtr test = expressions_.tuple(false);
            node->branches.emplace_back(std::move(test), block({"elif", "else", "endif"}));
            if (tokens_.skip_name("elif")) continue;
            if (tokens_.skip_name("else"))
                node->otherwise = block_to("endif");
            else
                tokens_.take();
            return node;
        }
    }

    StatementPtr set_statement() {
        const int line = tokens_.now().line;
        tokens_.take();
        Target assigned = target("", true);
        if (tokens_.skip_op("=")) {
            auto node = tokens_.make<Set>();
            node->line = line;
            node->target = std::move(assigned);
            node->value = expressions_.tuple();
            return node;
        }
        auto node = tokens_.make<Block>();
        node->line = line;
        node->target = std::make_unique<Target>(std::move(assigned));
        while (tokens_.skip_op("|")) node->filters.push_back(expressions_.filter(nullptr));
        node->body = block_to("endset");
        return node;
    }

    StatementPtr filter_statement() {
        auto node = tokens_.make<Block>();
        tokens_.take();
        do node->filters.push_back(expressions_.filter(nullptr));
        while (tokens_.skip_op("|"));
        node->body = block_to("endfilter");
        return node;
    }

    StatementPtr with_statement() {
        auto node = tokens_.make<With>();
        tokens_.take();
        while (tokens_.now().kind != Kind::block_end) {
            if (!node->values.empty()) tokens_.expect_op(",");
            Target assigned = target("", false);
            tokens_.expect_op("=");
            node->values.emplace_back(std::move(assigned), expressions_.expression());
        }
        node->body = block_to("endwith");
        return node;
    }

    Parameters signature() {
        Parameters parameters;
        tokens_.expect_op("(");
        while (!tokens_.now().is_op(")")) {
            if (!parameters.list.empty()) tokens_.expect_op(",");
            std::string name = tokens_.expect_any_name();
            ExpressionPtr otherwise;
            if (tokens_.skip_op("="))
                otherwise = expressions_.expression();
            else if (!parameters.list.empty() && parameters.list.back().second)
                tokens_.fail("non-default argument follows default argument");
            parameters.list.emplace_back(std::move(name), std::move(otherwise));
        }
        tokens_.expect_op(")");
        return parameters;
    }

    /// The body of a macro, and which of the special names it uses.
    template <typename Node> void body_of(Node & node, std::string_view end) {
        const size_t from = tokens_.position();
        const int loops = std::exchange(loops_, 0);
        node.body = block_to(end);
        loops_ = loops;
        node.parameters.takes_more_positional = tokens_.took_name_since(from, "varargs");
        node.parameters.takes_more_named = tokens_.took_name_since(from, "kwargs");
        node.parameters.takes_caller = tokens_.took_name_since(from, "caller");
    }

    StatementPtr macro_statement() {
        auto node = tokens_.make<Macro>();
        tokens_.take();
        node->name = tokens_.expect_any_name();
        node->parameters = signature();
        body_of(*node, "endmacro");
        return node;
    }

    StatementPtr call_statement() {
        auto node = tokens_.make<CallBlock>();
        tokens_.take();
        if (tokens_.now().is_op("(")) node->parameters = signature();
        ExpressionPtr called = expressions_.expression();
        auto * call = dynamic_cast<Call *>(called.get());
        if (!call) tokens_.fail("expected call");
        called.release();
        node->call.reset(call);
        body_of(*node, "endcall");
        return node;
    }

    /// One name or several, which a value is assigned to; the name `end` ends them.
    Target target(std::string_view end, bool attributes) {
        Target first = single_target(attributes);
        if (!tokens_.now().is_op(",")) return first;
        Target all;
        all.tuple = true;
        all.several.push_back(std::move(first));
        while (tokens_.skip_op(",")) {
            if (expressions_.tuple_ends(end) || tokens_.now().is_op("=") || tokens_.now().is_op(")")) break;
            all.several.push_back(single_target(attributes));
        }
        return all;
    }

    Target single_target(bool attributes) {
        const TokenStream::Nesting nesting(tokens_);
        if (tokens_.skip_op("(")) {
            Target inside = target("", attributes);
            tokens_.expect_op(")");
            return inside;
        }
        Target one;
        one.name = tokens_.expect_any_name();
        for (const auto constant : {"true", "false", "none", "True", "False", "None"})
            if (one.name == constant) tokens_.fail("can't assign to '" + one.name + "'");
        if (attributes && tokens_.skip_op(".")) one.attribute = tokens_.expect_any_name();
        return one;
    }

    TokenStream tokens_;
    ExpressionParser expressions_;
    int loops_ = 0; ///< how many loops are around what is parsed
};

} // namespace

Body parse(std::string_view source) {
    return Parser(source).parse();
}

} // namespace reprise::jinja
