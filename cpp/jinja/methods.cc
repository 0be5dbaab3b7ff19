#include "jinja/methods.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "jinja/operators.h"

namespace reprise::jinja {

namespace {

const Methods & list_methods() {
    static const Methods methods = {
        {"index",
         [](const Value & self, const Arguments & given) -> Value {
             const auto & items = self.list().items;
             const Value wanted = *given.bind("index", {"value"}, 1)[0];
             for (size_t i = 0; i < items.size(); ++i)
                 if (equal(items[i], wanted)) return Value::size(i);
             throw Failure(wanted.repr().bytes() + " is not in list");
         }},
        {"count",
         [](const Value & self, const Arguments & given) -> Value {
             const auto & items = self.list().items;
             const Value wanted = *given.bind("count", {"value"}, 1)[0];
             return static_cast<int64_t>(std::count_if(
                 items.begin(), items.end(), [&](const Value & item) { return equal(item, wanted); }));
         }},
        {"copy",
         [](const Value & self, const Arguments & given) -> Value { return given.bind("copy", {}), self; }},
    };
    return methods;
}

std::vector<Value> pairs_of(const Dict & dict) {
    std::vector<Value> pairs;
    for (const auto & [key, value] : dict.entries) pairs.push_back(Value::list({key, value}, true));
    return pairs;
}

const Methods & dict_methods() {
    static const Methods methods = {
        {"get",
         [](const Value & self, const Arguments & given) -> Value {
             const auto a = given.bind("get", {"key", "default"}, 1);
             const Value * value = self.dict().find(hashable(*a[0]));
             return value ? *value : a[1] ? *a[1] : Value(None{});
         }},
        {"keys",
         [](const Value & self, const Arguments & given) -> Value {
             return given.bind("keys", {}), Value::list(items_of(self));
         }},
        {"values",
         [](const Value & self, const Arguments & given) -> Value {
             given.bind("values", {});
             std::vector<Value> values;
             for (const auto & [_, value] : self.dict().entries) values.push_back(value);
             return Value::list(std::move(values));
         }},
        {"items",
         [](const Value & self, const Arguments & given) -> Value {
             return given.bind("items", {}), Value::list(pairs_of(self.dict()));
         }},
        {"copy",
         [](const Value & self, const Arguments & given) -> Value { return given.bind("copy", {}), self; }},
    };
    return methods;
}

/// Whether a method would change what the template was given. Jinja's sandbox keeps such methods from
/// templates.
bool changes(const Value & value, std::string_view name) {
    static constexpr std::string_view of_lists[] = {"append", "clear",  "extend",  "insert",
                                                    "pop",    "remove", "reverse", "sort"};
    static constexpr std::string_view of_dicts[] = {"clear", "pop", "popitem", "setdefault", "update"};
    if (value.is_dict())
        return std::find(std::begin(of_dicts), std::end(of_dicts), name) != std::end(of_dicts);
    return value.is_list() && !value.is_tuple() &&
           std::find(std::begin(of_lists), std::end(of_lists), name) != std::end(of_lists);
}

Method method_named(const Value & value, std::string_view name) {
    static const Methods none;
    const Methods & methods = value.is_text()   ? text_methods()
                              : value.is_list() ? list_methods()
                              : value.is_dict() ? dict_methods()
                                                : none;
    const auto found = methods.find(name);
    return found == methods.end() ? nullptr : found->second;
}

Value run(Method method, const Value & value, const Arguments & given) {
    if (value.is_text()) Budget::step(value.text().size() / rewritten_bytes_a_step);
    return method(value, given);
}

} // namespace

std::optional<Value> method_of(const Value & value, std::string_view name) {
    if (changes(value, name))
        return Value::undefined("access to attribute '" + std::string(name) + "' of '" + value.type() +
                                "' object is unsafe.");
    const Method method = method_named(value, name);
    if (!method) return std::nullopt;
    return function(
        std::string(name), [value, method](Arguments & given) { return run(method, value, given); },
        value.depth());
}

Value call_method(const Value & value, std::string_view name, const Arguments & given) {
    const Method method = method_named(value.defined(), name);
    if (!method) throw Failure("'" + value.type() + "' object has no attribute '" + std::string(name) + "'");
    return run(method, value, given);
}

} // namespace reprise::jinja
