#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/arguments.h"
#include "jinja/rendering.h"
#include "jinja/value.h"

namespace reprise::jinja {

/// A node of an expression's tree. Each kind of node is a struct below; `run` says what its value is.
struct Expression {
    int line = 0;
    int depth = 1; ///< how many nodes stand one below the other, from this one down

    virtual ~Expression() = default;
    Value evaluate(Frame & frame) const;

protected:
    virtual Value run(Frame & frame) const = 0;
};
using ExpressionPtr = std::unique_ptr<Expression>;

struct Constant : Expression {
    Value value;
    Value run(Frame &) const override { return value; }
};

struct Name : Expression {
    std::string name;
    Value run(Frame & frame) const override;
};

/// A list or a tuple.
struct Sequence : Expression {
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

/// An arithmetic operation.
struct Binary : Expression {
    std::string op;
    ExpressionPtr left, right;
    Value run(Frame & frame) const override;
};

/// `and` and `or`.
struct Logical : Expression {
    bool conjunction = false;
    ExpressionPtr left, right;
    Value run(Frame & frame) const override;
};

/// A chain of comparisons, as in `a < b <= c`.
struct Comparison : Expression {
    ExpressionPtr first;
    std::vector<std::pair<std::string, ExpressionPtr>> rest;
    Value run(Frame & frame) const override;
};

/// `a ~ b ~ c`
struct Concatenation : Expression {
    std::vector<ExpressionPtr> parts;
    Value run(Frame & frame) const override;
};

/// `then if test else otherwise`
struct Conditional : Expression {
    ExpressionPtr test, then, otherwise; ///< `otherwise` may be null
    Value run(Frame & frame) const override;
};

/// `object.name`
struct Attribute : Expression {
    ExpressionPtr object;
    std::string name;
    Value run(Frame & frame) const override;
};

/// `object[key]`
struct Item : Expression {
    ExpressionPtr object, key;
    Value run(Frame & frame) const override;
};

/// `object[start:stop:step]`
struct Slice : Expression {
    ExpressionPtr object, start, stop, step; ///< all but `object` may be null
    Value run(Frame & frame) const override;
};

/// The arguments of a call as they are written.
struct CallArguments {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr more_positional, more_named; ///< what `*` and `**` stand before; may be null

    Arguments evaluate(Frame & frame) const;
};

struct Call : Expression {
    ExpressionPtr callee;
    CallArguments arguments;
    Value run(Frame & frame) const override;
};

/// `operand | name(arguments)`
struct Filter : Expression {
    ExpressionPtr operand; ///< null where the text of a block is filtered
    std::string name;
    CallArguments arguments;
    Value run(Frame & frame) const override;
    Value apply(Frame & frame, Value value) const;
};

/// `operand is name(arguments)`
struct Test : Expression {
    ExpressionPtr operand;
    std::string name;
    CallArguments arguments;
    Value run(Frame & frame) const override;
};

} // namespace reprise::jinja
