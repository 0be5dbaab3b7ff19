#include "jinja/globals.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "jinja/arguments.h"
#include "jinja/time_text.h"

namespace reprise::jinja {

namespace {

/// Jinja's sandbox allows ranges of this length.
constexpr int64_t max_range = 100'000;

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
    if (size > static_cast<double>(max_range))
        throw Failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    std::vector<Value> items;
    for (int64_t at = start; step > 0 ? at < stop : at > stop; at += step) {
        items.emplace_back(at);
        // One more step could leave 64 bits.
        if (step > 0 ? stop - at <= step : at - stop <= -step) break;
    }
    return Value::list(std::move(items));
}

/// The dict of what `function` was given: a mapping or pairs, and named arguments.
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

} // namespace

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
