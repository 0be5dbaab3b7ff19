#include "jinja/statements.h"

#include <algorithm>

#include "jinja/attributes.h"
#include "jinja/globals.h"
#include "jinja/lexer.h"

namespace reprise::jinja {

namespace {

/// A failure whose message already names the line.
struct Located : Failure {
    using Failure::Failure;
};

/// Sets the names of the parameters, as Python's Jinja does when a macro is called.
void bind_parameters(const Parameters & parameters, const std::string & name, const Arguments & arguments,
                     Frame & frame) {
    const auto & list = parameters.list;
    std::vector<Value> more;
    std::vector<std::pair<Value, Value>> more_named;
    std::optional<Value> caller;
    std::vector<std::optional<Value>> given(list.size());
    for (size_t i = 0; i < arguments.positional.size(); ++i) {
        if (i < list.size())
            given[i] = arguments.positional[i];
        else
            more.push_back(arguments.positional[i]);
    }
    for (const auto & [key, value] : arguments.named) {
        const auto at =
            std::find_if(list.begin(), list.end(), [&key = key](const auto & p) { return p.first == key; });
        if (at != list.end())
            given[at - list.begin()] = value;
        else if (key == "caller")
            caller = value;
        else
            more_named.emplace_back(Value(Text(key)), value);
    }
    if (!more.empty() && !parameters.takes_more_positional)
        throw Failure("macro '" + name + "' takes not more than " + std::to_string(list.size()) +
                      " argument(s)");
    if (!more_named.empty() && !parameters.takes_more_named)
        throw Failure("macro '" + name + "' takes no keyword argument '" +
                      more_named[0].first.text().bytes() + "'");
    if (caller && !parameters.takes_caller)
        throw Failure("macro '" + name +
                      "' was invoked with two values for the special caller argument or takes none");
    for (size_t i = 0; i < list.size(); ++i) {
        if (!given[i] && list[i].second) given[i] = list[i].second->evaluate(frame);
        frame.scope->set(list[i].first,
                         given[i] ? *given[i]
                                  : Value::undefined("parameter '" + list[i].first + "' was not provided"));
    }
    if (parameters.takes_more_positional) frame.scope->set("varargs", Value::list(std::move(more), true));
    if (parameters.takes_more_named) frame.scope->set("kwargs", Value::dict(std::move(more_named)));
    if (parameters.takes_caller)
        frame.scope->set("caller", caller ? *caller : Value::undefined("No caller defined"));
}

/// The value of a macro's name, and of `caller` in a macro that is called by a block.
struct MacroObject : Object {
    MacroObject(Rendering & rendering, std::shared_ptr<Scope> scope, std::string macro,
                const Parameters & parameters, const Body & body)
        : rendering(rendering), scope(std::move(scope)), macro(std::move(macro)), parameters(parameters),
          body(body) {}

    std::string name() const override { return "Macro"; }
    bool callable() const override { return true; }
    std::optional<Value> attribute(std::string_view attribute) const override {
        return attribute == "name" ? std::optional(Value(Text(macro))) : std::nullopt;
    }
    Value call(Arguments & arguments) const override {
        Frame frame{rendering, std::make_shared<Scope>(scope)};
        bind_parameters(parameters, macro, arguments, frame);
        Text out;
        execute_all(body, frame, out);
        return out;
    }

    Rendering & rendering;
    std::shared_ptr<Scope> scope;
    std::string macro;
    const Parameters & parameters;
    const Body & body;
};

/// The value of `loop`. It is one object in all rounds, and its attributes change with them.
struct LoopObject : Object, std::enable_shared_from_this<LoopObject> {
    LoopObject(const For & node, Frame frame, std::vector<Value> items, int depth)
        : node(node), frame(std::move(frame)), items(std::move(items)), depth(depth) {
        held = Value::list(this->items).depth();
    }

    std::string name() const override { return "LoopContext"; }
    bool callable() const override { return node.recursive; }

    std::optional<Value> attribute(std::string_view name) const override {
        const int64_t at = static_cast<int64_t>(round);
        const int64_t size = static_cast<int64_t>(items.size());
        if (name == "index") return Value(at + 1);
        if (name == "index0") return Value(at);
        if (name == "revindex") return Value(size - at);
        if (name == "revindex0") return Value(size - at - 1);
        if (name == "first") return Value(at == 0);
        if (name == "last") return Value(at == size - 1);
        if (name == "length") return Value(size);
        if (name == "depth") return Value(depth);
        if (name == "depth0") return Value(depth - 1);
        if (name == "previtem") return at > 0 ? items[at - 1] : Value::undefined("there is no previous item");
        if (name == "nextitem")
            return at + 1 < size ? items[at + 1] : Value::undefined("there is no next item");
        if (name == "cycle")
            return function("cycle", [at](Arguments & given) {
                if (given.positional.empty()) throw Failure("no items for cycling given");
                return given.positional[at % given.positional.size()];
            });
        if (name == "changed")
            return function("changed", [loop = weak_from_this()](Arguments & given) {
                const auto self = loop.lock();
                if (!self) return true;
                const Value now = Value::list(given.positional, true);
                self->held = std::max(self->held, now.depth());
                const bool same = self->seen && equal(*self->seen, now);
                self->seen = now;
                return !same;
            });
        return std::nullopt;
    }

    Value call(Arguments & arguments) const override {
        if (!node.recursive)
            throw Failure("The loop must have the 'recursive' marker to be called recursively.");
        const auto bound = arguments.bind("loop", {"iterable"}, 1);
        Text out;
        node.loop(frame, *bound[0], depth + 1, out);
        return out;
    }

    const For & node;
    mutable Frame frame;
    std::vector<Value> items;
    int depth;
    size_t round = 0;
    mutable std::optional<Value> seen;
};

} // namespace

Flow Statement::execute(Frame & frame, Text & out) const {
    const Budget::Nested nested;
    Budget::step();
    try {
        return run(frame, out);
    } catch (const Located &) {
        throw;
    } catch (const Failure & failure) {
        throw Located(failure_at(line, failure.what()).what());
    }
}

Flow execute_all(const Body & body, Frame & frame, Text & out) {
    for (const auto & statement : body) {
        const Flow flow = statement->execute(frame, out);
        if (flow != Flow::on) return flow;
    }
    return Flow::on;
}

Flow Data::run(Frame &, Text & out) const {
    Budget::bytes(text.size());
    out += Text(text);
    return Flow::on;
}

Flow Output::run(Frame & frame, Text & out) const {
    const Text text = value->evaluate(frame).str();
    Budget::bytes(text.size());
    out += text;
    return Flow::on;
}

Flow If::run(Frame & frame, Text & out) const {
    for (const auto & [test, body] : branches)
        if (test->evaluate(frame).truth()) return execute_all(body, frame, out);
    return execute_all(otherwise, frame, out);
}

void Target::assign(Frame & frame, const Value & value) const {
    if (tuple) {
        const std::vector<Value> items = items_of(value.defined());
        if (items.size() != several.size())
            throw Failure(items.size() < several.size()
                              ? "not enough values to unpack (expected " + std::to_string(several.size()) +
                                    ", got " + std::to_string(items.size()) + ")"
                              : "too many values to unpack (expected " + std::to_string(several.size()) +
                                    ")");
        for (size_t i = 0; i < items.size(); ++i) several[i].assign(frame, items[i]);
        return;
    }
    if (attribute.empty()) return frame.scope->set(name, value);
    const Value * found = frame.scope->find(name);
    Scope * attributes = found ? namespace_of(*found) : nullptr;
    if (!attributes) throw Failure("cannot assign attribute on non-namespace object");
    attributes->set(attribute, value);
}

Flow For::run(Frame & frame, Text & out) const {
    loop(frame, items->evaluate(frame), 1, out);
    return Flow::on;
}

void For::loop(Frame & frame, const Value & given, int depth, Text & out) const {
    const Budget::Nested nested;
    std::vector<Value> all = items_of(given);
    Budget::bytes(all.size() * sizeof(Value));
    if (test) {
        std::vector<Value> some;
        for (Value & item : all) {
            Frame inner = frame.inner();
            target.assign(inner, item);
            if (test->evaluate(inner).truth()) some.push_back(std::move(item));
        }
        all = std::move(some);
    }
    if (recursive) frame.rendering.keep(frame.scope);
    const auto state = std::make_shared<LoopObject>(
        // A loop that cannot be called gets no scope: the scope would hold the loop, and the loop the scope.
        *this, recursive ? frame : Frame{frame.rendering, nullptr}, std::move(all), depth);
    bool none_ended = true;
    for (; state->round < state->items.size(); ++state->round) {
        Frame inner = frame.inner();
        inner.scope->set("loop", std::shared_ptr<const Object>(state));
        target.assign(inner, state->items[state->round]);
        const Flow flow = execute_all(body, inner, out);
        if (flow == Flow::out_of_loop) break;
        if (flow == Flow::on) none_ended = false;
    }
    // As in Jinja, a loop whose rounds all ended early executes its `else`, too.
    if (!none_ended) return;
    Frame inner = frame.inner();
    execute_all(otherwise, inner, out);
}

Flow Set::run(Frame & frame, Text &) const {
    target.assign(frame, value->evaluate(frame));
    return Flow::on;
}

Flow Block::run(Frame & frame, Text & out) const {
    Text text;
    Frame inner = frame.inner();
    const Flow flow = execute_all(body, inner, text);
    Value value(std::move(text));
    for (const auto & filter : filters) value = filter->apply(frame, value);
    if (target)
        target->assign(frame, value);
    else
        out += value.str();
    return flow;
}

Flow With::run(Frame & frame, Text & out) const {
    Frame inner = frame.inner();
    std::vector<Value> given;
    for (const auto & [_, value] : values) given.push_back(value->evaluate(frame));
    for (size_t i = 0; i < given.size(); ++i) values[i].first.assign(inner, given[i]);
    return execute_all(body, inner, out);
}

Flow Macro::run(Frame & frame, Text &) const {
    frame.rendering.keep(frame.scope);
    frame.scope->set(name, std::shared_ptr<const Object>(std::make_shared<MacroObject>(
                               frame.rendering, frame.scope, name, parameters, body)));
    return Flow::on;
}

Flow CallBlock::run(Frame & frame, Text & out) const {
    const Value callee = call->callee->evaluate(frame);
    Arguments given = call->arguments.evaluate(frame);
    given.named.emplace_back("caller", std::shared_ptr<const Object>(std::make_shared<MacroObject>(
                                           frame.rendering, frame.scope, "caller", parameters, body)));
    out += reprise::jinja::call(callee, given).str();
    return Flow::on;
}

} // namespace reprise::jinja
