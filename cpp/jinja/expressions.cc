#include "jinja/expressions.h"

#include "jinja/attributes.h"
#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/tests.h"

namespace reprise::jinja {

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
    // "Not greater" would not do: NaN is neither less, nor greater, nor equal.
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

} // namespace reprise::jinja
