#include "jinja/operators.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "jinja/percent_format.h"

namespace reprise::jinja {

namespace {

/// `exact`, unless the floating-point `estimate` of it says that it does not fit. Python's integers have no
/// bound.
int64_t checked(double estimate, int64_t exact) {
    if (std::abs(estimate) > max_integer) throw Failure("an integer is too large");
    return exact;
}

int64_t wrapping(uint64_t value) {
    return static_cast<int64_t>(value);
}

Value integer_operation(std::string_view op, int64_t a, int64_t b) {
    const double x = static_cast<double>(a);
    const double y = static_cast<double>(b);
    const auto ua = static_cast<uint64_t>(a);
    const auto ub = static_cast<uint64_t>(b);
    if (op == "+") return checked(x + y, wrapping(ua + ub));
    if (op == "-") return checked(x - y, wrapping(ua - ub));
    if (op == "*") return checked(x * y, wrapping(ua * ub));
    if (op == "**") {
        if (b < 0) {
            if (a == 0) throw Failure("0.0 cannot be raised to a negative power");
            return std::pow(x, y);
        }
        int64_t value = 1;
        for (int64_t i = 0; i < b && a != 1 && value != 0; ++i) {
            if (a == -1) return b % 2 == 0 ? 1 : -1;
            value = checked(static_cast<double>(value) * x, wrapping(static_cast<uint64_t>(value) * ua));
        }
        return value;
    }
    if (b == 0)
        throw Failure(op == "%"   ? "integer modulo by zero"
                      : op == "/" ? "division by zero"
                                  : "integer division or modulo by zero");
    if (op == "/") return x / y;
    if (b == -1) return op == "%" ? Value(0) : Value(checked(-x, wrapping(0 - ua)));
    const int64_t rest = a % b;
    const bool other_sign = rest != 0 && (rest < 0) != (b < 0);
    return op == "%" ? Value(other_sign ? rest + b : rest) : Value(a / b - (other_sign ? 1 : 0));
}

Value float_operation(std::string_view op, double a, double b) {
    if (op == "+") return a + b;
    if (op == "-") return a - b;
    if (op == "*") return a * b;
    if (op == "**") {
        if (a == 0 && b < 0) throw Failure("0.0 cannot be raised to a negative power");
        return std::pow(a, b);
    }
    if (b == 0) throw Failure(op == "/" ? "float division by zero" : "float floor division by zero");
    if (op == "/") return a / b;
    double rest = std::fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
    return op == "%" ? Value(rest) : Value(std::floor((a - rest) / b + 0.5));
}

Value repeated(const Value & value, int64_t count) {
    const auto times = static_cast<size_t>(std::max<int64_t>(0, count));
    const size_t size = value.is_text() ? value.text().size() : value.list().items.size() * sizeof(Value);
    if (size > 0 && times > 0) {
        if (times > std::numeric_limits<size_t>::max() / size) throw Failure("a repetition is too long");
        Budget::bytes(size * times);
    }
    if (value.is_text()) {
        Text text;
        for (size_t i = 0; i < (size > 0 ? times : 0); ++i) text += value.text();
        return text;
    }
    std::vector<Value> items;
    for (size_t i = 0; i < (size > 0 ? times : 0); ++i)
        items.insert(items.end(), value.list().items.begin(), value.list().items.end());
    return Value::list(std::move(items), value.is_tuple());
}

} // namespace

Value binary(std::string_view op, const Value & a, const Value & b) {
    if (op == "%" && a.is_text()) return percent_format(a.text(), b);
    a.defined();
    b.defined();
    if (a.is_number() && b.is_number())
        return a.is_float() || b.is_float() ? float_operation(op, a.number(), b.number())
                                            : integer_operation(op, a.integer(), b.integer());
    if (op == "+" && a.is_text() && b.is_text()) {
        Budget::bytes(a.text().size() + b.text().size());
        Text text = a.text();
        return text += b.text();
    }
    if (op == "+" && a.is_list() && b.is_list() && a.is_tuple() == b.is_tuple()) {
        std::vector<Value> items = a.list().items;
        items.insert(items.end(), b.list().items.begin(), b.list().items.end());
        return Value::list(std::move(items), a.is_tuple());
    }
    if (op == "*" && b.is_integer() && (a.is_text() || a.is_list())) return repeated(a, b.integer());
    if (op == "*" && a.is_integer() && (b.is_text() || b.is_list())) return repeated(b, a.integer());
    if (op == "+" && a.is_text()) throw Failure("can only concatenate str (not \"" + b.type() + "\") to str");
    throw Failure("unsupported operand type(s) for " + std::string(op) + ": '" + a.type() + "' and '" +
                  b.type() + "'");
}

bool contains(const Value & container, const Value & item) {
    if (container.is_text()) {
        if (!item.is_text())
            throw Failure("'in <string>' requires string as left operand, not " + item.type());
        Budget::step(container.text().size() / searched_bytes_a_step);
        return container.view().find(item.view()) != std::string_view::npos;
    }
    if (container.is_dict()) return container.dict().find(hashable(item)) != nullptr;
    if (container.is_undefined()) return false;
    if (!container.is_list()) throw Failure("argument of type '" + container.type() + "' is not iterable");
    const auto & items = container.list().items;
    return std::any_of(items.begin(), items.end(), [&](const Value & other) { return equal(other, item); });
}

Value slice(const Value & value, const Value & start, const Value & stop, const Value & step) {
    value.defined();
    if (!value.is_text() && !value.is_list()) throw Failure("'" + value.type() + "' object cannot be sliced");
    const auto bound = [](const Value & given, int64_t otherwise) {
        given.defined();
        if (given.is_none()) return otherwise;
        if (!given.is_integer()) throw Failure("slice indices must be integers or None");
        return given.integer();
    };
    const int64_t by = bound(step, 1);
    if (by == 0) throw Failure("slice step cannot be zero");
    std::vector<size_t> offsets;
    if (value.is_text()) {
        Budget::step(value.text().size() / decoded_bytes_a_step);
        offsets = code_point_offsets(value.view());
    }
    const auto length =
        static_cast<int64_t>(value.is_text() ? offsets.size() - 1 : value.list().items.size());
    const int64_t lowest = by > 0 ? 0 : -1;
    const int64_t highest = by > 0 ? length : length - 1;
    const auto place = [&](int64_t at) { return std::clamp(at < 0 ? at + length : at, lowest, highest); };
    const int64_t from = start.is_none() ? (by > 0 ? lowest : highest) : place(bound(start, 0));
    const int64_t to = stop.is_none() ? (by > 0 ? highest : lowest) : place(bound(stop, 0));
    if (value.is_text() && by == 1)
        return from < to ? Value(value.text().substr(offsets[from], offsets[to] - offsets[from])) : Value("");
    Text text;
    std::vector<Value> items;
    for (int64_t at = from; by > 0 ? at < to : at > to;) {
        if (value.is_text())
            text += value.text().substr(offsets[at], offsets[at + 1] - offsets[at]);
        else
            items.push_back(value.list().items[at]);
        if (by > 0 ? by >= to - at : by <= to - at) break;
        at += by;
    }
    if (value.is_text()) return text;
    return Value::list(std::move(items), value.is_tuple());
}

} // namespace reprise::jinja
