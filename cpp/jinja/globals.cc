#include <algorithm>
#include <array>

#include "jinja/builtins.h"

namespace reprise::jinja {

namespace {

/// As Jinja's sandbox has it.
constexpr int64_t longest_range = 100'000;

struct Function : Object {
    Function(std::string name, std::function<Value(Arguments &)> body)
        : title(std::move(name)), body(std::move(body)) {}
    std::string name() const override { return "function " + title; }
    bool callable() const override { return true; }
    Value call(Arguments & arguments) const override { return body(arguments); }

    std::string title;
    std::function<Value(Arguments &)> body;
};

struct Namespace : Object {
    std::string name() const override { return "Namespace"; }
    std::optional<Value> attribute(std::string_view name) const override {
        const Value * found = attributes->find(name);
        return found ? std::optional(*found) : std::nullopt;
    }

    std::shared_ptr<Scope> attributes = std::make_shared<Scope>(nullptr);
};

struct Cycler : Object {
    std::string name() const override { return "Cycler"; }
    std::optional<Value> attribute(std::string_view name) const override {
        if (name == "current") return items[*at % items.size()];
        if (name == "reset")
            return function("reset", [at = at](Arguments &) { return *at = 0, Value(None{}); });
        if (name == "next")
            return function(
                "next", [at = at, items = items](Arguments &) { return items[(*at)++ % items.size()]; },
                held);
        return std::nullopt;
    }

    std::vector<Value> items;
    std::shared_ptr<size_t> at = std::make_shared<size_t>(0);
};

Value range(Arguments & given) {
    if (!given.named.empty()) throw Failure("range() takes no keyword arguments");
    const auto & a = given.positional;
    if (a.empty() || a.size() > 3)
        throw Failure("range expected 1 to 3 arguments, got " + std::to_string(a.size()));
    const int64_t start = a.size() > 1 ? to_integer(a[0], "range") : 0;
    const int64_t stop = to_integer(a[a.size() > 1 ? 1 : 0], "range");
    const int64_t step = a.size() > 2 ? to_integer(a[2], "range") : 1;
    if (step == 0) throw Failure("range() arg 3 must not be zero");
    const double size = (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
    if (size > static_cast<double>(longest_range))
        throw Failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    std::vector<Value> items;
    for (int64_t at = start; step > 0 ? at < stop : at > stop; at += step) {
        items.emplace_back(at);
        // The step behind the last may leave 64 bits.
        if (step > 0 ? stop - at <= step : at - stop <= -step) break;
    }
    return Value::list(std::move(items));
}

/// A mapping, or pairs, and names.
Value dict_of(std::string_view function, Arguments & given) {
    std::vector<std::pair<Value, Value>> entries;
    if (given.positional.size() > 1) throw Failure(std::string(function) + " expected at most 1 argument");
    for (const Value & from : given.positional) {
        if (from.is_dict()) {
            entries = from.dict().entries;
            continue;
        }
        for (const Value & pair : items_of(from.defined())) {
            const std::vector<Value> two = items_of(pair);
            if (two.size() != 2)
                throw Failure("dictionary update sequence element has length " + std::to_string(two.size()) +
                              "; 2 is required");
            entries.emplace_back(two[0], two[1]);
        }
    }
    for (auto & [name, value] : given.named) entries.emplace_back(Value(Text(name)), value);
    return Value::dict(std::move(entries));
}

/// In English, whatever the process's language.
std::string time_text(std::time_t now, const std::string & format) {
    std::tm local{};
#ifdef _WIN32
    localtime_s(&local, &now);
#else
    localtime_r(&now, &local);
#endif
    static constexpr std::array<const char *, 7> days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                         "Thursday", "Friday", "Saturday"};
    static constexpr std::array<const char *, 12> months = {"January",   "February", "March",    "April",
                                                            "May",       "June",     "July",     "August",
                                                            "September", "October",  "November", "December"};
    const auto number = [](int value, int width, char fill = '0') {
        std::string digits = std::to_string(value);
        return std::string(std::max(0, width - static_cast<int>(digits.size())), fill) + digits;
    };
    const int hour = (local.tm_hour + 11) % 12 + 1;
    std::string out;
    for (size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        bool bare = format[i + 1] == '-' && i + 2 < format.size(); // %-d: without zeros
        i += bare ? 2 : 1;
        const int width = bare ? 0 : 2;
        switch (format[i]) {
        case 'Y':
            out += number(local.tm_year + 1900, 0);
            break;
        case 'y':
            out += number(local.tm_year % 100, width);
            break;
        case 'm':
            out += number(local.tm_mon + 1, width);
            break;
        case 'd':
            out += number(local.tm_mday, width);
            break;
        case 'e':
            out += number(local.tm_mday, 2, ' ');
            break;
        case 'H':
            out += number(local.tm_hour, width);
            break;
        case 'I':
            out += number(hour, width);
            break;
        case 'M':
            out += number(local.tm_min, width);
            break;
        case 'S':
            out += number(local.tm_sec, width);
            break;
        case 'f':
            out += "000000";
            break;
        case 'j':
            out += number(local.tm_yday + 1, bare ? 0 : 3);
            break;
        case 'w':
            out += number(local.tm_wday, 0);
            break;
        case 'p':
            out += local.tm_hour < 12 ? "AM" : "PM";
            break;
        case 'A':
            out += days[local.tm_wday];
            break;
        case 'a':
            out += std::string(days[local.tm_wday]).substr(0, 3);
            break;
        case 'B':
            out += months[local.tm_mon];
            break;
        case 'b':
        case 'h':
            out += std::string(months[local.tm_mon]).substr(0, 3);
            break;
        case 'F':
            out += time_text(now, "%Y-%m-%d");
            break;
        case 'T':
            out += time_text(now, "%H:%M:%S");
            break;
        case 'R':
            out += time_text(now, "%H:%M");
            break;
        case 'D':
        case 'x':
            out += time_text(now, "%m/%d/%y");
            break;
        case 'X':
            out += time_text(now, "%H:%M:%S");
            break;
        case 'c':
            out += time_text(now, "%a %b %e %H:%M:%S %Y");
            break;
        case 's':
            out += std::to_string(now);
            break;
        case 'z':
        case 'Z':
            break; // Python's now() has no zone
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case '%':
            out += '%';
            break;
        default:
            throw Failure(std::string("strftime_now knows no %") + format[i]);
        }
    }
    return out;
}

} // namespace

Value function(std::string name, std::function<Value(Arguments &)> call, int held) {
    auto made = std::make_shared<Function>(std::move(name), std::move(call));
    made->held = held;
    return std::shared_ptr<const Object>(std::move(made));
}

Scope * namespace_of(const Value & value) {
    const auto * object = value.is_object() ? dynamic_cast<const Namespace *>(value.object().get()) : nullptr;
    return object ? object->attributes.get() : nullptr;
}

void define_globals(Rendering & rendering, const std::shared_ptr<Scope> & scope) {
    const auto define = [&](const char * name, std::function<Value(Arguments &)> body) {
        scope->set(name, function(name, std::move(body)));
    };
    define("range", range);
    define("dict", [](Arguments & given) { return dict_of("dict", given); });
    define("namespace", [&rendering](Arguments & given) -> Value {
        const Value values = dict_of("namespace", given);
        auto made = std::make_shared<Namespace>();
        rendering.keep(made->attributes);
        for (const auto & [name, value] : values.dict().entries)
            made->attributes->set(name.str().view(), value);
        return std::shared_ptr<const Object>(std::move(made));
    });
    define("cycler", [](Arguments & given) -> Value {
        if (given.positional.empty()) throw Failure("at least one item has to be provided");
        auto made = std::make_shared<Cycler>();
        made->items = given.positional;
        made->held = Value::list(given.positional).depth();
        return std::shared_ptr<const Object>(std::move(made));
    });
    define("joiner", [](Arguments & given) {
        const auto a = given.bind("joiner", {"sep"});
        return function("joiner",
                        [used = std::make_shared<bool>(false), text = a[0] ? a[0]->str() : Text(", ")](
                            Arguments &) { return std::exchange(*used, true) ? Value(text) : Value(""); });
    });
    define("lipsum", [](Arguments &) -> Value { throw Failure("lipsum is not supported"); });
    define("raise_exception", [](Arguments & given) -> Value {
        throw Failure(given.bind("raise_exception", {"message"}, 1)[0]->str().bytes());
    });
    define("strftime_now", [&rendering](Arguments & given) {
        const auto a = given.bind("strftime_now", {"format"}, 1);
        return Value(Text(time_text(rendering.now, to_text(*a[0], "strftime_now").bytes())));
    });
}

} // namespace reprise::jinja
