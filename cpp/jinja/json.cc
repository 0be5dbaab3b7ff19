#include "jinja/json.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp> // llama.cpp carries it.

namespace reprise::jinja {

namespace {

class Writer {
public:
    explicit Writer(const JsonStyle & style) : style_(style) {}

    Text run(const Value & value) {
        write(value, 0);
        return std::move(out_);
    }

private:
    void write(const Value & value, size_t level) {
        Budget::step();
        if (value.is_none())
            out_ += "null";
        else if (value.is_bool())
            out_ += value.truth() ? "true" : "false";
        else if (value.is_float())
            out_ += real(value.number());
        else if (value.is_integer())
            out_ += Text(std::to_string(value.integer()));
        else if (value.is_text())
            quote(value.text());
        else if (value.is_list())
            items(value.list().items, level);
        else if (value.is_dict())
            entries(value.dict(), level);
        else
            throw Failure("Object of type " + value.type() + " is not JSON serializable");
        Budget::bytes(1);
    }

    static Text real(double value) {
        return Text(std::isnan(value)   ? "NaN"
                    : std::isinf(value) ? value < 0 ? "-Infinity" : "Infinity"
                                        : float_repr(value));
    }

    void quote(const Text & text) {
        Budget::bytes(text.size());
        out_ += "\"";
        out_ += map_code_points(text, [&](uint32_t c, size_t) -> std::string {
            switch (c) {
            case '"':
                return "\\\"";
            case '\\':
                return "\\\\";
            case '\b':
                return "\\b";
            case '\f':
                return "\\f";
            case '\n':
                return "\\n";
            case '\r':
                return "\\r";
            case '\t':
                return "\\t";
            default:
                break;
            }
            if (c >= 0x20 && (c < 0x7F || !style_.ascii)) return utf8(c);
            char escaped[16];
            if (c < 0x10000)
                snprintf(escaped, sizeof escaped, "\\u%04x", c);
            else
                snprintf(escaped, sizeof escaped, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                         0xDC00 + ((c - 0x10000) & 0x3FF));
            return escaped;
        });
        out_ += "\"";
    }

    void line(size_t level) {
        if (!style_.indent) return;
        out_ += "\n";
        for (size_t i = 0; i < level; ++i) out_ += Text(*style_.indent);
        Budget::bytes(level * style_.indent->size());
    }

    void items(const std::vector<Value> & items, size_t level) {
        if (items.empty()) {
            out_ += "[]";
            return;
        }
        out_ += "[";
        for (size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out_ += Text(style_.between_items);
            line(level + 1);
            write(items[i], level + 1);
        }
        line(level);
        out_ += "]";
    }

    void entries(const Dict & dict, size_t level) {
        if (dict.entries.empty()) {
            out_ += "{}";
            return;
        }
        auto entries = dict.entries;
        if (style_.sorted)
            std::stable_sort(entries.begin(), entries.end(),
                             [](const auto & a, const auto & b) { return less(a.first, b.first); });
        out_ += "{";
        bool first = true;
        for (const auto & [key, value] : entries) {
            if (!first) out_ += Text(style_.between_items);
            first = false;
            line(level + 1);
            if (key.is_text())
                quote(key.text());
            else if (key.is_none())
                out_ += "\"null\"";
            else if (key.is_bool())
                out_ += key.truth() ? "\"true\"" : "\"false\"";
            else if (key.is_float())
                out_ += Text("\"" + real(key.number()).bytes() + "\"");
            else if (key.is_integer())
                out_ += Text("\"" + std::to_string(key.integer()) + "\"");
            else
                throw Failure("keys must be str, int, float, bool or None, not " + key.type());
            out_ += Text(style_.after_keys);
            write(value, level + 1);
        }
        line(level);
        out_ += "}";
    }

    const JsonStyle & style_;
    Text out_;
};

} // namespace

Text to_json(const Value & value, const JsonStyle & style) {
    return Writer(style).run(value);
}

Value from_json(const nlohmann::ordered_json & json, bool content) {
    const auto text = [content](const std::string & bytes) {
        return content ? Text::content(bytes) : Text(bytes);
    };
    switch (json.type()) {
    case nlohmann::ordered_json::value_t::null:
        return None{};
    case nlohmann::ordered_json::value_t::boolean:
        return json.get<bool>();
    case nlohmann::ordered_json::value_t::number_integer:
    case nlohmann::ordered_json::value_t::number_unsigned:
        return json.get<int64_t>();
    case nlohmann::ordered_json::value_t::number_float:
        return json.get<double>();
    case nlohmann::ordered_json::value_t::string:
        return text(json.get_ref<const std::string &>());
    case nlohmann::ordered_json::value_t::array: {
        std::vector<Value> items;
        for (const auto & item : json) items.push_back(from_json(item, content));
        return Value::list(std::move(items));
    }
    default: {
        std::vector<std::pair<Value, Value>> entries;
        for (const auto & [key, value] : json.items())
            entries.emplace_back(Value(text(key)), from_json(value, content));
        return Value::dict(std::move(entries));
    }
    }
}

} // namespace reprise::jinja
