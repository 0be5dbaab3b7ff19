#include "jinja/tests.h"

#include <map>
#include <string>

#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/operators.h"

namespace reprise::jinja {

namespace {

using V = const Value &;
using A = const Arguments &;
using R = Rendering &;

/// What the value is compared with.
Value other(A given) {
    return *given.bind("a test", {"other"}, 1)[0];
}

/// Whether a division of the value leaves `rest`.
bool leaves(V value, int64_t by, int64_t rest) {
    return equal(binary("%", value, by), rest);
}

bool is_cased(V value, bool capitals) {
    return call_method(value.str(), capitals ? "isupper" : "islower").truth();
}

bool is_boolean(V value, bool wanted) {
    return value.is_bool() && value.truth() == wanted;
}

const std::map<std::string_view, TestFunction> & tests() {
    static const std::map<std::string_view, TestFunction> table = {
        {"boolean", [](R, V value, A) { return value.is_bool(); }},
        {"callable",
         [](R, V value, A) {
             return value.is_undefined() || (value.is_object() && value.object()->callable());
         }},
        {"defined", [](R, V value, A) { return !value.is_undefined(); }},
        {"divisibleby", [](R, V value, A given) { return equal(binary("%", value, other(given)), 0); }},
        {"eq", [](R, V value, A given) { return equal(value, other(given)); }},
        {"escaped", [](R, V, A) { return false; }},
        {"even", [](R, V value, A) { return leaves(value, 2, 0); }},
        {"false", [](R, V value, A) { return is_boolean(value, false); }},
        {"filter", [](R, V value, A) { return value.is_text() && filter_named(value.view()) != nullptr; }},
        {"float", [](R, V value, A) { return value.is_float(); }},
        {"ge", [](R, V value, A given) { return less(other(given), value) || equal(value, other(given)); }},
        {"gt", [](R, V value, A given) { return less(other(given), value); }},
        {"in", [](R, V value, A given) { return contains(other(given), value); }},
        {"integer", [](R, V value, A) { return value.is_integer() && !value.is_bool(); }},
        {"iterable",
         [](R, V value, A) {
             return value.is_list() || value.is_dict() || value.is_text() || value.is_undefined();
         }},
        {"le", [](R, V value, A given) { return less(value, other(given)) || equal(value, other(given)); }},
        {"lower", [](R, V value, A) { return is_cased(value, false); }},
        {"lt", [](R, V value, A given) { return less(value, other(given)); }},
        {"mapping", [](R, V value, A) { return value.is_dict(); }},
        {"ne", [](R, V value, A given) { return !equal(value, other(given)); }},
        {"none", [](R, V value, A) { return value.is_none(); }},
        {"number", [](R, V value, A) { return value.is_number(); }},
        {"odd", [](R, V value, A) { return leaves(value, 2, 1); }},
        {"sameas", [](R, V value,
                      A given) { return value.type() == other(given).type() && equal(value, other(given)); }},
        {"sequence",
         [](R, V value, A) {
             return value.is_list() || value.is_dict() || value.is_text() || value.is_undefined();
         }},
        {"string", [](R, V value, A) { return value.is_text(); }},
        {"test", [](R, V value, A) { return value.is_text() && test_named(value.view()) != nullptr; }},
        {"true", [](R, V value, A) { return is_boolean(value, true); }},
        {"undefined", [](R, V value, A) { return value.is_undefined(); }},
        {"upper", [](R, V value, A) { return is_cased(value, true); }},
    };
    return table;
}

} // namespace

TestFunction test_named(std::string_view name) {
    static const std::map<std::string_view, std::string_view> other_names = {
        {"==", "eq"}, {"equalto", "eq"}, {"!=", "ne"},       {">", "gt"},  {"greaterthan", "gt"},
        {">=", "ge"}, {"<", "lt"},       {"lessthan", "lt"}, {"<=", "le"},
    };
    if (const auto known = other_names.find(name); known != other_names.end()) name = known->second;
    const auto found = tests().find(name);
    return found == tests().end() ? nullptr : found->second;
}

bool tested(Rendering & rendering, std::string_view name, const Value & value, const Arguments & arguments) {
    const TestFunction test = test_named(name);
    if (!test) throw Failure("No test named '" + std::string(name) + "' found.");
    return test(rendering, value, arguments);
}

} // namespace reprise::jinja
