#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "jinja/nodes.h"

namespace reprise::jinja {

using FilterFunction = Value (*)(Rendering &, const Value &, const Arguments &);
using TestFunction = bool (*)(Rendering &, const Value &, const Arguments &);

/// Null where there is none of that name.
FilterFunction filter_named(std::string_view name);
TestFunction test_named(std::string_view name);

/// Throws Failure: no filter of that name, or what it throws.
Value filtered(Rendering & rendering, std::string_view name, const Value & value,
               const Arguments & arguments);
bool tested(Rendering & rendering, std::string_view name, const Value & value, const Arguments & arguments);

/// What is true of one rendering.
class Rendering {
public:
    explicit Rendering(std::time_t now) : now(now) {}
    ~Rendering();
    Rendering(const Rendering &) = delete;
    Rendering & operator=(const Rendering &) = delete;

    /// Breaks the circle at the end: what a name of the scope stands for may hold the scope.
    void keep(const std::shared_ptr<Scope> & scope);

    const std::time_t now;

private:
    std::vector<std::shared_ptr<Scope>> kept_;
};

/// `range`, `namespace` and the like.
void define_globals(Rendering & rendering, const std::shared_ptr<Scope> & scope);

/// A namespace, whose attributes can be set; null where the value is none.
Scope * namespace_of(const Value & value);

/// A function that C++ gives. `held`: the depth of the values that it holds.
Value function(std::string name, std::function<Value(Arguments &)> call, int held = 0);

/// `a op b` of numbers, texts and lists. Throws Failure.
Value binary(std::string_view op, const Value & a, const Value & b);
bool contains(const Value & container, const Value & item);
Value slice(const Value & value, const Value & start, const Value & stop, const Value & step);

/// `format % values`, `format.format(…)`.
Text percent_format(const Text & format, const Value & values);
Text brace_format(const Text & format, const Arguments & arguments);

struct JsonStyle {
    bool ascii = false;
    bool sorted = false;
    std::optional<std::string> indent; ///< of one level
    std::string between_items = ", ";
    std::string after_keys = ": ";
};
/// As Python's `json.dumps` writes it. Throws Failure.
Text to_json(const Value & value, const JsonStyle & style);

} // namespace reprise::jinja
