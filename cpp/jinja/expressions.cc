#include "jinja/nodes.h"
#include "jinja/rendering.h"

namespace reprise::jinja {

const Value * Scope::find(std::string_view name) const {
    for (const Scope * scope = this; scope; scope = scope->outer.get()) {
        Budget::step();
        for (const auto & [known, value] : scope->names)
            if (known == name) return &value;
    }
    return nullptr;
}

void Scope::set(std::string_view name, Value value) {
    for (auto & [known, old] : names) {
        if (known != name) continue;
        old = std::move(value);
        return;
    }
    Budget::bytes(sizeof names[0] + name.size());
    names.emplace_back(name, std::move(value));
}

Value Expression::evaluate(Frame & frame) const {
    const Budget::Nested nested;
    Budget::step();
    return run(frame);
}

Value Name::run(Frame & frame) const {
    const Value * found = frame.scope->find(name);
    return found ? *found : Value::undefined("'" + name + "' is undefined");
}

Value Sequence::run(Frame & frame) const {
    std::vector<Value> values;
    for (const auto & item : items) values.push_back(item->evaluate(frame));
    return Value::list(std::move(values), tuple);
}

Value DictLiteral::run(Frame & frame) const {
    std::vector<std::pair<Value, Value>> values;
    for (const auto & [key, value] : entries) {
        Value name = key->evaluate(frame);
        values.emplace_back(std::move(name), value->evaluate(frame));
    }
    return Value::dict(std::move(values));
}

Value Unary::run(Frame & frame) const {
    const Value value = operand->evaluate(frame);
    if (op == Op::negation) return !value.truth();
    value.defined();
    const std::string sign = op == Op::negative ? "-" : "+";
    if (!value.is_number()) throw Failure("bad operand type for unary " + sign + ": '" + value.type() + "'");
    if (value.is_float()) return op == Op::negative ? -value.number() : value.number();
    return op == Op::negative ? binary("-", 0, value) : Value(value.integer());
}

Value Binary::run(Frame & frame) const {
    const Value a = left->evaluate(frame);
    return binary(op, a, right->evaluate(frame));
}

Value Logical::run(Frame & frame) const {
    Value first = left->evaluate(frame);
    return first.truth() == conjunction ? right->evaluate(frame) : first;
}

namespace {

bool compare(const std::string & op, const Value & a, const Value & b) {
    if (op == "==") return equal(a, b);
    if (op == "!=") return !equal(a, b);
    if (op == "in") return contains(b, a);
    if (op == "not in") return !contains(b, a);
    if (op == "<") return less(a, b);
    if (op == ">") return less(b, a);
    // NaN is neither.
    if (op == "<=") return less(a, b) || equal(a, b);
    return less(b, a) || equal(a, b);
}

} // namespace

Value Comparison::run(Frame & frame) const {
    Value a = first->evaluate(frame);
    for (const auto & [op, operand] : rest) {
        Value b = operand->evaluate(frame);
        if (!compare(op, a, b)) return false;
        a = std::move(b);
    }
    return true;
}

Value Concatenation::run(Frame & frame) const {
    Text text;
    for (const auto & part : parts) text += part->evaluate(frame).str();
    return text;
}

Value Conditional::run(Frame & frame) const {
    if (test->evaluate(frame).truth()) return then->evaluate(frame);
    if (otherwise) return otherwise->evaluate(frame);
    return Value::undefined("the inline if-expression evaluated to false and no else section was defined.");
}

Value Attribute::run(Frame & frame) const {
    return attribute_of(object->evaluate(frame), name);
}

Value Item::run(Frame & frame) const {
    const Value value = object->evaluate(frame);
    return item_of(value, key->evaluate(frame));
}

Value Slice::run(Frame & frame) const {
    const Value value = object->evaluate(frame);
    const auto part = [&](const ExpressionPtr & expression) {
        return expression ? expression->evaluate(frame) : Value(None{});
    };
    const Value from = part(start);
    const Value to = part(stop);
    return slice(value, from, to, part(step));
}

Arguments CallArguments::evaluate(Frame & frame) const {
    Arguments arguments;
    for (const auto & argument : positional) arguments.positional.push_back(argument->evaluate(frame));
    for (const auto & [name, argument] : named) arguments.named.emplace_back(name, argument->evaluate(frame));
    if (more_positional)
        for (Value & value : items_of(more_positional->evaluate(frame)))
            arguments.positional.push_back(std::move(value));
    if (more_named) {
        const Value more = more_named->evaluate(frame);
        if (!more.is_dict()) throw Failure("argument after ** must be a mapping, not " + more.type());
        for (const auto & [name, value] : more.dict().entries) {
            if (!name.is_text()) throw Failure("keywords must be strings");
            arguments.named.emplace_back(name.text().bytes(), value);
        }
    }
    return arguments;
}

Value Call::run(Frame & frame) const {
    const Value function = callee->evaluate(frame);
    Arguments given = arguments.evaluate(frame);
    return call(function, given);
}

Value Filter::run(Frame & frame) const {
    return apply(frame, operand->evaluate(frame));
}

Value Filter::apply(Frame & frame, Value value) const {
    return filtered(frame.rendering, name, value, arguments.evaluate(frame));
}

Value Test::run(Frame & frame) const {
    const Value value = operand->evaluate(frame);
    return tested(frame.rendering, name, value, arguments.evaluate(frame));
}

Value filtered(Rendering & rendering, std::string_view name, const Value & value,
               const Arguments & arguments) {
    const FilterFunction filter = filter_named(name);
    if (!filter) throw Failure("No filter named '" + std::string(name) + "'.");
    return filter(rendering, value, arguments);
}

bool tested(Rendering & rendering, std::string_view name, const Value & value, const Arguments & arguments) {
    const TestFunction test = test_named(name);
    if (!test) throw Failure("No test named '" + std::string(name) + "' found.");
    return test(rendering, value, arguments);
}

} // namespace reprise::jinja
