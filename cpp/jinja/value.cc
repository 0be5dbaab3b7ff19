#include "jinja/value.h"

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

#include "jinja/arguments.h"

namespace reprise::jinja {

namespace {

/// Values may stand this deep inside each other. Writing, comparing and freeing a value recurse as deep; to
/// write one takes 44 kB of stack then. A schema in `tools` is some ten levels deep.
constexpr int max_depth = 100;

template <typename Items> int depth_of(const Items & items) {
    int deepest = 0;
    for (const Value & item : items) deepest = std::max(deepest, item.depth());
    if (deepest >= max_depth) throw Failure("values are nested too deep");
    return deepest + 1;
}

/// The text as a literal of Python.
Text quoted(const Text & text) {
    const bool doubled =
        text.bytes().find('\'') != std::string::npos && text.bytes().find('"') == std::string::npos;
    const char quote = doubled ? '"' : '\'';
    Text out(std::string(1, quote));
    out += map_code_points(text, [&](uint32_t c, size_t) -> std::string {
        if (c == '\\') return "\\\\";
        if (c == static_cast<uint32_t>(quote)) return std::string("\\") + quote;
        if (c == '\n') return "\\n";
        if (c == '\r') return "\\r";
        if (c == '\t') return "\\t";
        if (is_printable(c)) return utf8(c);
        char escaped[12];
        snprintf(escaped, sizeof escaped, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
        return escaped;
    });
    return out += Text(std::string(1, quote));
}

struct Function : Object {
    Function(std::string name, std::function<Value(Arguments &)> body)
        : title(std::move(name)), body(std::move(body)) {}
    std::string name() const override { return "function " + title; }
    bool callable() const override { return true; }
    Value call(Arguments & arguments) const override { return body(arguments); }

    std::string title;
    std::function<Value(Arguments &)> body;
};

} // namespace

Value::Value(Text text) : value_(std::make_shared<const Text>(std::move(text))) {
    Budget::bytes(sizeof(Text) + this->text().size());
}

Value Value::undefined(std::string why) {
    return Value(Undefined{std::make_shared<const std::string>(std::move(why))});
}

Value Value::list(std::vector<Value> items, bool tuple) {
    Budget::bytes(sizeof(List) + items.size() * sizeof(Value));
    const int depth = depth_of(items);
    Value value;
    value.value_ = std::make_shared<const List>(List{std::move(items), tuple, depth});
    return value;
}

Value Value::group(Value grouper, Value members) {
    Budget::bytes(sizeof(List) + 2 * sizeof(Value));
    List list{{std::move(grouper), std::move(members)}, true};
    list.depth = depth_of(list.items);
    list.group = true;
    Value value;
    value.value_ = std::make_shared<const List>(std::move(list));
    return value;
}

Value Value::dict(std::vector<std::pair<Value, Value>> entries) {
    Budget::bytes(sizeof(Dict) + entries.size() * 2 * sizeof(Value));
    Dict dict;
    std::vector<Value> values;
    for (auto & [key, value] : entries) {
        values.push_back(hashable(key));
        values.push_back(value);
        Budget::step(dict.entries.size() / compared_values_a_step);
        auto found = std::find_if(dict.entries.begin(), dict.entries.end(),
                                  [&key = key](const auto & entry) { return equal(entry.first, key); });
        if (found == dict.entries.end())
            dict.entries.emplace_back(std::move(key), std::move(value));
        else
            found->second = std::move(value);
    }
    dict.depth = depth_of(values);
    Value value;
    value.value_ = std::make_shared<const Dict>(std::move(dict));
    return value;
}

const Value * Dict::find(const Value & key) const {
    Budget::step(entries.size() / compared_values_a_step);
    for (const auto & [known, value] : entries)
        if (equal(known, key)) return &value;
    return nullptr;
}

std::optional<Value> Object::attribute(std::string_view) const {
    return std::nullopt;
}

Value Object::call(Arguments &) const {
    throw Failure("'" + name() + "' object is not callable");
}

int64_t Value::integer() const {
    return is_bool() ? std::get<bool>(value_) : std::get<int64_t>(value_);
}

double Value::number() const {
    return is_float() ? std::get<double>(value_) : static_cast<double>(integer());
}

int Value::depth() const {
    return is_list() ? list().depth : is_dict() ? dict().depth : is_object() ? object()->held : 0;
}

bool Value::truth() const {
    if (is_undefined() || is_none()) return false;
    if (is_number()) return number() != 0;
    if (is_text()) return !text().empty();
    if (is_list()) return !list().items.empty();
    if (is_dict()) return !dict().entries.empty();
    return true;
}

Text Value::str() const {
    if (is_text()) return text();
    if (is_undefined()) return {};
    return repr();
}

Text Value::repr() const {
    Budget::step();
    if (is_text()) return quoted(text());
    if (is_undefined()) return "Undefined";
    if (is_none()) return "None";
    if (is_bool()) return integer() ? "True" : "False";
    if (is_integer()) return std::to_string(integer());
    if (is_float()) return float_repr(number());
    if (is_object()) return "<" + object()->name() + ">";
    Text out(is_dict() ? "{" : is_tuple() ? "(" : "[");
    const auto add = [&](const Value & value) {
        const Text part = value.repr();
        Budget::bytes(part.size());
        out += part;
    };
    bool first = true;
    if (is_dict()) {
        for (const auto & [key, value] : dict().entries) {
            if (!first) out += ", ";
            first = false;
            add(key);
            out += ": ";
            add(value);
        }
        return out += "}";
    }
    for (const Value & item : list().items) {
        if (!first) out += ", ";
        first = false;
        add(item);
    }
    if (is_tuple() && list().items.size() == 1) out += ",";
    return out += is_tuple() ? ")" : "]";
}

std::string Value::type() const {
    if (is_undefined()) return "Undefined";
    if (is_none()) return "NoneType";
    if (is_bool()) return "bool";
    if (is_integer()) return "int";
    if (is_float()) return "float";
    if (is_text()) return "str";
    if (is_list()) return is_tuple() ? "tuple" : "list";
    return is_dict() ? "dict" : object()->name();
}

const Value & Value::defined() const {
    if (!is_undefined()) return *this;
    const auto & why = std::get<Undefined>(value_).why;
    throw Failure(why ? *why : "a value is undefined");
}

const Value & hashable(const Value & key) {
    Budget::step();
    if (key.is_dict() || (key.is_list() && !key.is_tuple()))
        throw Failure("unhashable type: '" + key.type() + "'");
    if (key.is_tuple())
        for (const Value & item : key.list().items) hashable(item);
    return key;
}

bool equal(const Value & a, const Value & b) {
    Budget::step();
    if (a.is_number() && b.is_number())
        return a.is_float() || b.is_float() ? a.number() == b.number() : a.integer() == b.integer();
    if (a.is_text() && b.is_text()) return a.view() == b.view();
    if (a.is_undefined() || b.is_undefined()) return a.is_undefined() && b.is_undefined();
    if (a.is_none() || b.is_none()) return a.is_none() && b.is_none();
    if (a.is_list() && b.is_list()) {
        const auto & left = a.list().items;
        const auto & right = b.list().items;
        return a.is_tuple() == b.is_tuple() &&
               std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
    }
    if (a.is_dict() && b.is_dict()) {
        if (a.dict().entries.size() != b.dict().entries.size()) return false;
        return std::all_of(a.dict().entries.begin(), a.dict().entries.end(), [&](const auto & entry) {
            const Value * other = b.dict().find(entry.first);
            return other && equal(entry.second, *other);
        });
    }
    return a.is_object() && b.is_object() && a.object() == b.object();
}

bool less(const Value & a, const Value & b) {
    Budget::step();
    if (a.is_number() && b.is_number())
        return a.is_float() || b.is_float() ? a.number() < b.number() : a.integer() < b.integer();
    if (a.is_text() && b.is_text()) return a.view() < b.view();
    if (a.is_list() && b.is_list() && a.is_tuple() == b.is_tuple()) {
        const auto & left = a.list().items;
        const auto & right = b.list().items;
        for (size_t i = 0; i < left.size() && i < right.size(); ++i)
            if (!equal(left[i], right[i])) return less(left[i], right[i]);
        return left.size() < right.size();
    }
    a.defined();
    b.defined();
    throw Failure("'<' not supported between instances of '" + a.type() + "' and '" + b.type() + "'");
}

std::vector<Value> items_of(const Value & value) {
    if (value.is_undefined()) return {};
    if (value.is_list()) {
        Budget::step(value.list().items.size() / copied_values_a_step);
        return value.list().items;
    }
    std::vector<Value> items;
    if (value.is_dict()) {
        for (const auto & [key, _] : value.dict().entries) items.push_back(key);
        return items;
    }
    if (value.is_text()) {
        for (size_t at = 0; at < value.text().size();) {
            const size_t begin = at;
            next_code_point(value.view(), at);
            items.push_back(value.text().substr(begin, at - begin));
        }
        return items;
    }
    throw Failure("'" + value.type() + "' object is not iterable");
}

size_t length_of(const Value & value) {
    if (value.is_undefined()) return 0;
    if (value.is_text()) {
        Budget::step(value.text().size() / searched_bytes_a_step);
        return code_points(value.view());
    }
    if (value.is_list()) return value.list().items.size();
    if (value.is_dict()) return value.dict().entries.size();
    throw Failure("object of type '" + value.type() + "' has no len()");
}

Value call(const Value & callee, Arguments & arguments) {
    callee.defined();
    if (!callee.is_object()) throw Failure("'" + callee.type() + "' object is not callable");
    return callee.object()->call(arguments);
}

Value function(std::string name, std::function<Value(Arguments &)> body, int held) {
    auto made = std::make_shared<Function>(std::move(name), std::move(body));
    made->held = held;
    return std::shared_ptr<const Object>(std::move(made));
}

std::string float_repr(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::string digits;
    // 17 digits, one of them before the point, tell any two numbers apart.
    for (int precision = 0; precision <= 16; ++precision) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        out.precision(precision);
        out << std::scientific << value;
        digits = out.str();
        std::istringstream in(digits);
        in.imbue(std::locale::classic());
        double again = 0;
        in >> again;
        if (again == value) break;
    }
    const size_t e = digits.find('e');
    const int exponent = std::stoi(digits.substr(e + 1));
    const bool negative = digits[0] == '-';
    std::string mantissa = digits.substr(negative, e - negative);
    mantissa.erase(std::remove(mantissa.begin(), mantissa.end(), '.'), mantissa.end());
    std::string out = negative ? "-" : "";
    // Python writes numbers below 0.0001 and from 10¹⁶ on with an exponent.
    if (exponent < -4 || exponent >= 16) {
        out += mantissa[0];
        if (mantissa.size() > 1) out += "." + mantissa.substr(1);
        const int size = std::abs(exponent);
        return out + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + std::to_string(size);
    }
    if (exponent < 0) return out + "0." + std::string(-exponent - 1, '0') + mantissa;
    if (mantissa.size() <= static_cast<size_t>(exponent) + 1)
        return out + mantissa + std::string(exponent + 1 - mantissa.size(), '0') + ".0";
    return out + mantissa.substr(0, exponent + 1) + "." + mantissa.substr(exponent + 1);
}

} // namespace reprise::jinja
