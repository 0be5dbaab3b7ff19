#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/value.h"

namespace reprise::jinja {

/// Names and their values, in the scope around them and those around that.
struct Scope {
    explicit Scope(std::shared_ptr<Scope> outer) : outer(std::move(outer)) {}

    std::shared_ptr<Scope> outer;
    std::vector<std::pair<std::string, Value>> names;

    const Value * find(std::string_view name) const;
    void set(std::string_view name, Value value);
};

/// One rendering under way.
class Rendering;

struct Frame {
    Rendering & rendering;
    std::shared_ptr<Scope> scope;

    Frame inner() const { return {rendering, std::make_shared<Scope>(scope)}; }
};

struct Expression {
    int line = 0;
    int depth = 1; ///< of the tree

    virtual ~Expression() = default;
    Value evaluate(Frame & frame) const;

protected:
    virtual Value run(Frame & frame) const = 0;
};
using ExpressionPtr = std::unique_ptr<Expression>;

/// What the statement after it does.
enum class Flow { on, next_round, out_of_loop };

struct Statement {
    int line = 0;

    virtual ~Statement() = default;
    Flow execute(Frame & frame, Text & out) const;

protected:
    virtual Flow run(Frame & frame, Text & out) const = 0;
};
using StatementPtr = std::unique_ptr<Statement>;
using Body = std::vector<StatementPtr>;

Flow execute_all(const Body & body, Frame & frame, Text & out);

// Expressions.

struct Constant : Expression {
    Value value;
    Value run(Frame &) const override { return value; }
};

struct Name : Expression {
    std::string name;
    Value run(Frame & frame) const override;
};

struct Sequence : Expression { ///< a list or a tuple
    std::vector<ExpressionPtr> items;
    bool tuple = false;
    Value run(Frame & frame) const override;
};

struct DictLiteral : Expression {
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
    Value run(Frame & frame) const override;
};

struct Unary : Expression {
    enum class Op { negative, positive, negation } op;
    ExpressionPtr operand;
    Value run(Frame & frame) const override;
};

struct Binary : Expression {
    std::string op;
    ExpressionPtr left, right;
    Value run(Frame & frame) const override;
};

struct Logical : Expression {
    bool conjunction = false;
    ExpressionPtr left, right;
    Value run(Frame & frame) const override;
};

struct Comparison : Expression {
    ExpressionPtr first;
    std::vector<std::pair<std::string, ExpressionPtr>> rest;
    Value run(Frame & frame) const override;
};

struct Concatenation : Expression {
    std::vector<ExpressionPtr> parts;
    Value run(Frame & frame) const override;
};

struct Conditional : Expression {
    ExpressionPtr test, then, otherwise; ///< `otherwise` may be null
    Value run(Frame & frame) const override;
};

struct Attribute : Expression {
    ExpressionPtr object;
    std::string name;
    Value run(Frame & frame) const override;
};

struct Item : Expression {
    ExpressionPtr object, key;
    Value run(Frame & frame) const override;
};

struct Slice : Expression {
    ExpressionPtr object, start, stop, step; ///< the latter three may be null
    Value run(Frame & frame) const override;
};

struct CallArguments {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr more_positional, more_named; ///< `*` and `**`; may be null

    Arguments evaluate(Frame & frame) const;
};

struct Call : Expression {
    ExpressionPtr callee;
    CallArguments arguments;
    Value run(Frame & frame) const override;
};

struct Filter : Expression {
    ExpressionPtr operand; ///< null: the text of a block
    std::string name;
    CallArguments arguments;
    Value run(Frame & frame) const override;
    Value apply(Frame & frame, Value value) const;
};

struct Test : Expression {
    ExpressionPtr operand;
    std::string name;
    CallArguments arguments;
    Value run(Frame & frame) const override;
};

// Statements.

struct Data : Statement {
    std::string text;
    Flow run(Frame & frame, Text & out) const override;
};

struct Output : Statement {
    ExpressionPtr value;
    Flow run(Frame & frame, Text & out) const override;
};

struct If : Statement {
    std::vector<std::pair<ExpressionPtr, Body>> branches;
    Body otherwise;
    Flow run(Frame & frame, Text & out) const override;
};

/// What a value can be assigned to.
struct Target {
    std::string name;
    std::string attribute;       ///< of the namespace `name`, or empty
    std::vector<Target> several; ///< a tuple's parts where not empty
    bool tuple = false;

    void assign(Frame & frame, const Value & value) const;
};

struct For : Statement {
    Target target;
    ExpressionPtr items, test; ///< `test` may be null
    bool recursive = false;
    Body body, otherwise;
    Flow run(Frame & frame, Text & out) const override;
    void loop(Frame & frame, const Value & items, int depth, Text & out) const;
};

struct Jump : Statement { ///< break and continue
    Flow flow = Flow::on;
    Flow run(Frame &, Text &) const override { return flow; }
};

struct Set : Statement {
    Target target;
    ExpressionPtr value;
    Flow run(Frame & frame, Text & out) const override;
};

/// A body whose text is filtered, and printed or assigned.
struct Block : Statement {
    Body body;
    std::vector<std::unique_ptr<Filter>> filters;
    std::unique_ptr<Target> target; ///< null: printed
    Flow run(Frame & frame, Text & out) const override;
};

struct With : Statement {
    std::vector<std::pair<Target, ExpressionPtr>> values;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

struct Parameters {
    std::vector<std::pair<std::string, ExpressionPtr>> list; ///< defaults may be null
    bool takes_more_positional = false; ///< whether the body uses `varargs`, `kwargs`, `caller`
    bool takes_more_named = false;
    bool takes_caller = false;
};

struct Macro : Statement {
    std::string name;
    Parameters parameters;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

struct CallBlock : Statement {
    std::unique_ptr<Call> call;
    Parameters parameters;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

} // namespace reprise::jinja
