#include "jinja/filters.h"

#include <string>
#include <vector>

#include "jinja/attributes.h"
#include "jinja/json.h"
#include "jinja/operators.h"

namespace reprise::jinja {

namespace {

Value json(Rendering &, const Value & value, const Arguments & given) {
    const auto a = given.bind("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.ascii = truth_or(a[0], false);
    style.sorted = truth_or(a[3], false);
    if (a[1] && !a[1]->is_none()) {
        style.indent = a[1]->is_text()
                           ? a[1]->text().bytes()
                           : binary("*", Value(" "), Value(to_integer(*a[1], "indent"))).text().bytes();
        style.between_items = ",";
    }
    if (a[2] && !a[2]->is_none()) {
        const std::vector<Value> separators = items_of(*a[2]);
        if (separators.size() != 2) throw Failure("separators must be two");
        style.between_items = to_text(separators[0], "separators").bytes();
        style.after_keys = to_text(separators[1], "separators").bytes();
    }
    return to_json(value, style);
}

/// Filters that take any value.
const FilterTable & value_filters() {
    static const FilterTable table = {
        {"attr",
         [](Rendering &, const Value & value, const Arguments & given) {
             const Text name = given.bind("attr", {"name"}, 1)[0]->str();
             value.defined();
             if (auto found = own_attribute_of(value, name.view())) return *found;
             return Value::undefined("'" + value.type() + " object' has no attribute '" + name.bytes() + "'");
         }},
        {"default",
         [](Rendering &, const Value & value, const Arguments & given) {
             const auto a = given.bind("default", {"default_value", "boolean"});
             const bool missing = value.is_undefined() || (truth_or(a[1], false) && !value.truth());
             return missing ? (a[0] ? *a[0] : Value("")) : value;
         }},
        {"pprint", [](Rendering &, const Value & value, const Arguments &) { return Value(value.repr()); }},
        {"tojson", json},
    };
    return table;
}

} // namespace

FilterFunction filter_named(std::string_view name) {
    static const std::map<std::string_view, std::string_view> other_names = {
        {"d", "default"}, {"e", "escape"}, {"forceescape", "escape"}, {"count", "length"}};
    if (const auto other = other_names.find(name); other != other_names.end()) name = other->second;
    for (const FilterTable * table :
         {&text_filters(), &number_filters(), &sequence_filters(), &value_filters()})
        if (const auto found = table->find(name); found != table->end()) return found->second;
    return nullptr;
}

Value filtered(Rendering & rendering, std::string_view name, const Value & value,
               const Arguments & arguments) {
    const FilterFunction filter = filter_named(name);
    if (!filter) throw Failure("No filter named '" + std::string(name) + "'.");
    return filter(rendering, value, arguments);
}

} // namespace reprise::jinja
