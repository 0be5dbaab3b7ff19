#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jinja/attributes.h"
#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/tests.h"
#include "jinja/text_operations.h"

namespace reprise::jinja {

namespace {

using V = const Value &;
using A = const Arguments &;
using R = Rendering &;

/// What the `attribute='a.b.0'` of a filter leads to: each part is an item or an attribute of what is before
/// it.
Value looked_up(const Value & value, const Value & path) {
    if (!path.is_text()) return item_of(value, path);
    Value found = value;
    for (size_t at = 0; at <= path.text().size();) {
        const size_t end = std::min(path.view().find('.', at), path.text().size());
        const std::string_view part = path.view().substr(at, end - at);
        const auto index = index_in_path(part);
        found = item_of(found, index ? Value(*index) : Value(part));
        at = end + 1;
    }
    return found;
}

Value attribute_or(const Value & value, const std::optional<Value> & path,
                   const std::optional<Value> & otherwise) {
    Value found = path && !path->is_none() ? looked_up(value, *path) : value;
    return found.is_undefined() && otherwise && !otherwise->is_none() ? *otherwise : found;
}

Value without_case(const Value & value, bool case_sensitive) {
    return value.is_text() && !case_sensitive ? Value(lower(value.text())) : value;
}

/// Sorts by the keys. Values of equal keys stay in their order.
void sort_by(std::vector<std::pair<Value, Value>> & keyed, bool reverse) {
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto & a, const auto & b) {
        return reverse ? less(b.first, a.first) : less(a.first, b.first);
    });
}

std::vector<Value> values_of(std::vector<std::pair<Value, Value>> keyed) {
    std::vector<Value> values;
    for (auto & [_, value] : keyed) values.push_back(std::move(value));
    return values;
}

Value sorted(R, V value, A given) {
    const auto a = given.bind("sort", {"reverse", "case_sensitive", "attribute"});
    // `attribute='a,b'` sorts by several attributes; a later one counts where the earlier are equal.
    std::vector<Value> paths;
    if (a[2] && a[2]->is_text()) {
        Arguments comma;
        comma.positional = {","};
        paths = items_of(call_method(*a[2], "split", comma));
    } else if (a[2]) {
        paths = {*a[2]};
    }
    std::vector<std::pair<Value, Value>> keyed;
    for (const Value & item : items_of(value)) {
        std::vector<Value> key;
        for (const Value & path : paths)
            key.push_back(without_case(looked_up(item, path), truth_or(a[1], false)));
        if (paths.empty()) key.push_back(without_case(item, truth_or(a[1], false)));
        keyed.emplace_back(Value::list(std::move(key)), item);
    }
    sort_by(keyed, truth_or(a[0], false));
    return Value::list(values_of(std::move(keyed)));
}

Value dict_sorted(R, V value, A given) {
    const auto a = given.bind("dictsort", {"case_sensitive", "by", "reverse"});
    const std::string by = a[1] ? a[1]->str().bytes() : "key";
    if (by != "key" && by != "value") throw Failure("You can only sort by either \"key\" or \"value\"");
    if (!value.defined().is_dict()) throw Failure("'" + value.type() + "' object has no attribute 'items'");
    std::vector<std::pair<Value, Value>> keyed;
    for (const auto & [key, item] : value.dict().entries)
        keyed.emplace_back(without_case(by == "key" ? key : item, truth_or(a[0], false)),
                           Value::list({key, item}, true));
    sort_by(keyed, truth_or(a[2], false));
    return Value::list(values_of(std::move(keyed)));
}

Value grouped(R, V value, A given) {
    const auto a = given.bind("groupby", {"attribute", "default", "case_sensitive"}, 1);
    std::vector<std::pair<Value, Value>> keyed;
    for (const Value & item : items_of(value))
        keyed.emplace_back(without_case(attribute_or(item, a[0], a[1]), truth_or(a[2], false)), item);
    sort_by(keyed, false);
    std::vector<Value> groups;
    for (size_t begin = 0; begin < keyed.size();) {
        std::vector<Value> members;
        size_t end = begin;
        while (end < keyed.size() && equal(keyed[end].first, keyed[begin].first))
            members.push_back(keyed[end++].second);
        const Value name = attribute_or(members[0], a[0], a[1]);
        groups.push_back(Value::group(name, Value::list(std::move(members))));
        begin = end;
    }
    return Value::list(std::move(groups));
}

Value unique(R, V value, A given) {
    const auto a = given.bind("unique", {"case_sensitive", "attribute"});
    std::vector<std::pair<Value, Value>> seen;
    for (const Value & item : items_of(value)) {
        Value key = without_case(attribute_or(item, a[1], std::nullopt), truth_or(a[0], false));
        Budget::step(seen.size() / compared_values_a_step);
        if (std::none_of(seen.begin(), seen.end(), [&](const auto & one) { return equal(one.first, key); }))
            seen.emplace_back(std::move(key), item);
    }
    return Value::list(values_of(std::move(seen)));
}

Value extreme(V value, A given, bool greatest) {
    const auto a = given.bind(greatest ? "max" : "min", {"case_sensitive", "attribute"});
    std::optional<std::pair<Value, Value>> best;
    for (const Value & item : items_of(value)) {
        Value key = without_case(attribute_or(item, a[1], std::nullopt), truth_or(a[0], false));
        if (!best || (greatest ? less(best->first, key) : less(key, best->first)))
            best.emplace(std::move(key), item);
    }
    return best ? best->second : Value::undefined("No aggregated item, sequence was empty.");
}

Value summed(R, V value, A given) {
    const auto a = given.bind("sum", {"attribute", "start"});
    Value sum = a[1] ? *a[1] : Value(0);
    for (const Value & item : items_of(value)) sum = binary("+", sum, attribute_or(item, a[0], std::nullopt));
    return sum;
}

Value join(R, V value, A given) {
    const auto a = given.bind("join", {"d", "attribute"});
    std::vector<Value> items = items_of(value);
    if (a[1] && !a[1]->is_none())
        for (Value & item : items) item = looked_up(item, *a[1]);
    return joined(items, a[0] ? a[0]->str() : Text());
}

Value mapped(R rendering, V value, A given) {
    std::vector<Value> out;
    if (!value.truth()) return Value::list({}); // Jinja takes none for an empty list here.
    if (given.positional.empty()) {
        const auto a = given.bind("map", {"attribute", "default"}, 1);
        for (const Value & item : items_of(value)) out.push_back(attribute_or(item, a[0], a[1]));
        return Value::list(std::move(out));
    }
    const Text & filter = to_text(given.positional[0], "map");
    const Arguments rest{{given.positional.begin() + 1, given.positional.end()}, given.named};
    for (const Value & item : items_of(value)) out.push_back(filtered(rendering, filter.view(), item, rest));
    return Value::list(std::move(out));
}

/// The filters select and reject, and with `by_attribute` selectattr and rejectattr.
Value selected(R rendering, V value, A given, bool wanted, bool by_attribute) {
    size_t at = 0;
    std::optional<Value> attribute;
    if (by_attribute) {
        if (given.positional.empty()) throw Failure("Missing parameter for attribute name");
        attribute = given.positional[at++];
    }
    const bool has_test = at < given.positional.size();
    const Text test = has_test ? to_text(given.positional[at++], "select") : Text();
    const Arguments rest{{given.positional.begin() + at, given.positional.end()}, given.named};
    std::vector<Value> out;
    if (!value.truth()) return Value::list({}); // Jinja takes none for an empty list here.
    for (const Value & item : items_of(value)) {
        const Value tried = attribute ? looked_up(item, *attribute) : item;
        if ((has_test ? tested(rendering, test.view(), tried, rest) : tried.truth()) == wanted)
            out.push_back(item);
    }
    return Value::list(std::move(out));
}

Value batched(R, V value, A given) {
    const auto a = given.bind("batch", {"linecount", "fill_with"}, 1);
    const int64_t size = to_integer(*a[0], "batch");
    if (size < 1) throw Failure("batch: expected a positive number");
    std::vector<Value> rows, row;
    for (const Value & item : items_of(value)) {
        if (static_cast<int64_t>(row.size()) == size) rows.push_back(Value::list(std::exchange(row, {})));
        row.push_back(item);
    }
    if (row.empty()) return Value::list(std::move(rows));
    if (a[1] && !a[1]->is_none()) {
        Budget::bytes(static_cast<size_t>(size) * sizeof(Value));
        row.resize(static_cast<size_t>(size), *a[1]);
    }
    rows.push_back(Value::list(std::move(row)));
    return Value::list(std::move(rows));
}

/// The items in columns, of which the first ones are longer by one item where they do not come out even.
Value sliced(R, V value, A given) {
    const auto a = given.bind("slice", {"slices", "fill_with"}, 1);
    const int64_t columns = to_integer(*a[0], "slice");
    if (columns < 1) throw Failure("slice: expected a positive number");
    const std::vector<Value> items = items_of(value);
    const auto length = static_cast<int64_t>(items.size());
    std::vector<Value> out;
    int64_t begin = 0;
    for (int64_t column = 0; column < columns; ++column) {
        const bool longer = column < length % columns;
        const int64_t end = begin + length / columns + longer;
        std::vector<Value> part(items.begin() + begin, items.begin() + end);
        if (a[1] && !a[1]->is_none() && !longer && length % columns > 0) part.push_back(*a[1]);
        out.push_back(Value::list(std::move(part)));
        begin = end;
    }
    return Value::list(std::move(out));
}

Value reversed(R, V value, A) {
    if (value.is_text()) return slice(value, Value(None{}), Value(None{}), -1);
    std::vector<Value> items = items_of(value);
    std::reverse(items.begin(), items.end());
    return Value::list(std::move(items));
}

Value end_of(V value, bool last) {
    const std::vector<Value> items = items_of(value);
    if (items.empty())
        return Value::undefined(last ? "No last item, sequence was empty."
                                     : "No first item, sequence was empty.");
    return last ? items.back() : items.front();
}

} // namespace

const FilterTable & sequence_filters() {
    static const FilterTable table = {
        {"batch", batched},
        {"dictsort", dict_sorted},
        {"first", [](R, V value, A) { return end_of(value, false); }},
        {"groupby", grouped},
        {"items",
         [](R, V value, A) {
             if (value.is_undefined()) return Value::list({});
             if (!value.is_dict()) throw Failure("Can only get item pairs from a mapping.");
             return call_method(value, "items");
         }},
        {"join", join},
        {"last", [](R, V value, A) { return end_of(value, true); }},
        {"length", [](R, V value, A) { return Value::size(length_of(value)); }},
        {"list", [](R, V value, A) { return Value::list(items_of(value)); }},
        {"map", mapped},
        {"max", [](R, V value, A given) { return extreme(value, given, true); }},
        {"min", [](R, V value, A given) { return extreme(value, given, false); }},
        {"reject", [](R r, V value, A given) { return selected(r, value, given, false, false); }},
        {"rejectattr", [](R r, V value, A given) { return selected(r, value, given, false, true); }},
        {"reverse", reversed},
        {"select", [](R r, V value, A given) { return selected(r, value, given, true, false); }},
        {"selectattr", [](R r, V value, A given) { return selected(r, value, given, true, true); }},
        {"slice", sliced},
        {"sort", sorted},
        {"sum", summed},
        {"unique", unique},
    };
    return table;
}

} // namespace reprise::jinja
