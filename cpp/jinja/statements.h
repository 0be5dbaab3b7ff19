#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/expressions.h"
#include "jinja/rendering.h"
#include "jinja/text.h"

namespace reprise::jinja {

/// Where the rendering goes on after a statement.
enum class Flow {
    on,         ///< with the next statement
    next_round, ///< with the loop's next item
    out_of_loop ///< behind the loop
};

/// A node of a template's body. Each kind is a struct below; `run` writes what it makes to `out`.
struct Statement {
    int line = 0;

    virtual ~Statement() = default;
    Flow execute(Frame & frame, Text & out) const;

protected:
    virtual Flow run(Frame & frame, Text & out) const = 0;
};
using StatementPtr = std::unique_ptr<Statement>;
using Body = std::vector<StatementPtr>;

/// Executes the statements up to the first after which it does not go on.
Flow execute_all(const Body & body, Frame & frame, Text & out);

/// The template's own text.
struct Data : Statement {
    std::string text;
    Flow run(Frame & frame, Text & out) const override;
};

/// `{{ value }}`
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
    std::string
        attribute; ///< the attribute of the namespace `name`; empty where the name itself is assigned to
    std::vector<Target> several; ///< the parts of a tuple, where it is one
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

/// `break` and `continue`.
struct Jump : Statement {
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
    std::unique_ptr<Target> target; ///< null where the text is printed
    Flow run(Frame & frame, Text & out) const override;
};

struct With : Statement {
    std::vector<std::pair<Target, ExpressionPtr>> values;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

/// The parameters of a macro.
struct Parameters {
    std::vector<std::pair<std::string, ExpressionPtr>> list; ///< names and defaults, which may be null
    bool takes_more_positional = false;                      ///< whether the body uses `varargs`
    bool takes_more_named = false;                           ///< whether the body uses `kwargs`
    bool takes_caller = false;                               ///< whether the body uses `caller`
};

struct Macro : Statement {
    std::string name;
    Parameters parameters;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

/// A call whose callee gets the body as its `caller`.
struct CallBlock : Statement {
    std::unique_ptr<Call> call;
    Parameters parameters;
    Body body;
    Flow run(Frame & frame, Text & out) const override;
};

} // namespace reprise::jinja
