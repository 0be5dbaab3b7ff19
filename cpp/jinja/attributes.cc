#include "jinja/attributes.h"

#include <string>

#include "jinja/methods.h"

namespace reprise::jinja {

namespace {

Value missing(const Value & value, const std::string & what) {
    return Value::undefined("'" + value.type() + " object' has no " + what);
}

std::optional<Value> found_item(const Value & value, const Value & key) {
    if (value.is_dict()) {
        const Value * found = value.dict().find(key);
        return found ? std::optional(*found) : std::nullopt;
    }
    if (!key.is_integer() || !(value.is_list() || value.is_text())) return std::nullopt;
    int64_t index = key.integer();
    if (value.is_list()) {
        const auto & items = value.list().items;
        if (index < 0) index += static_cast<int64_t>(items.size());
        if (index < 0 || index >= static_cast<int64_t>(items.size())) return std::nullopt;
        return items[index];
    }
    Budget::step(value.text().size() / decoded_bytes_a_step);
    const std::vector<size_t> offsets = code_point_offsets(value.view());
    const int64_t length = static_cast<int64_t>(offsets.size()) - 1;
    if (index < 0) index += length;
    if (index < 0 || index >= length) return std::nullopt;
    return Value(value.text().substr(offsets[index], offsets[index + 1] - offsets[index]));
}

} // namespace

std::optional<Value> own_attribute_of(const Value & value, std::string_view name) {
    if (name.substr(0, 2) == "__")
        return Value::undefined("access to attribute '" + std::string(name) + "' of '" + value.type() +
                                "' object is unsafe.");
    if (value.is_list() && value.list().group && (name == "grouper" || name == "list"))
        return value.list().items[name == "list"];
    return value.is_object() ? value.object()->attribute(name) : method_of(value, name);
}

Value attribute_of(const Value & value, std::string_view name) {
    value.defined();
    if (auto found = own_attribute_of(value, name)) return *found;
    if (auto found = found_item(value, name)) return *found;
    return missing(value, "attribute '" + std::string(name) + "'");
}

Value item_of(const Value & value, const Value & key) {
    value.defined();
    if (auto found = found_item(value, key)) return *found;
    if (key.is_text()) {
        if (auto found = own_attribute_of(value, key.view())) return *found;
        return missing(value, "attribute '" + key.text().bytes() + "'");
    }
    return missing(value, "element " + key.repr().bytes());
}

std::optional<int64_t> index_in_path(std::string_view part) {
    if (part.empty() || part.size() > 9 || part.find_first_not_of("0123456789") != part.npos)
        return std::nullopt;
    return std::stoll(std::string(part));
}

} // namespace reprise::jinja
