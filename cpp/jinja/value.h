#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jinja/budget.h"
#include "jinja/text.h"

namespace reprise::jinja {

class Value;
struct Arguments;

/// What is not there. Most uses of it fail, with `why`.
struct Undefined {
    std::shared_ptr<const std::string> why;
};
struct None {};

struct List {
    std::vector<Value> items;
    bool tuple = false;
    int depth = 1;
    bool group = false; ///< of `groupby`: its two parts are also its attributes `grouper` and `list`
};

/// Keys are in the order in which they were added.
struct Dict {
    std::vector<std::pair<Value, Value>> entries;
    int depth = 1;

    const Value * find(const Value & key) const;
};

/// What has attributes or can be called: functions, macros, `loop`, namespaces.
struct Object {
    virtual ~Object() = default;
    /// Depth of the values that it holds. What holds it is deeper, so freeing either is bounded, too.
    mutable int held = 0;
    virtual std::string name() const = 0; ///< of its type, as Python has it
    virtual std::optional<Value> attribute(std::string_view name) const;
    virtual bool callable() const { return false; }
    virtual Value call(Arguments & arguments) const;
};

/// A Python value: what templates reckon with. Values never change; a namespace's attributes do.
class Value {
public:
    Value() : value_(Undefined{}) {}
    Value(Undefined undefined) : value_(std::move(undefined)) {}
    Value(None) : value_(None{}) {}
    Value(bool value) : value_(value) {}
    Value(int value) : value_(static_cast<int64_t>(value)) {}
    Value(int64_t value) : value_(value) {}
    Value(double value) : value_(value) {}
    Value(Text text);
    Value(std::string_view text) : Value(Text(text)) {}
    Value(const char * text) : Value(Text(text)) {}
    Value(std::shared_ptr<const Object> object) : value_(std::move(object)) {}
    static Value size(size_t value) { return Value(static_cast<int64_t>(value)); }
    static Value undefined(std::string why);
    /// Throws Failure where they are nested too deep.
    static Value list(std::vector<Value> items, bool tuple = false);
    /// What `groupby` gives.
    static Value group(Value grouper, Value members);
    static Value dict(std::vector<std::pair<Value, Value>> entries);

    bool is_undefined() const { return std::holds_alternative<Undefined>(value_); }
    bool is_none() const { return std::holds_alternative<None>(value_); }
    bool is_bool() const { return std::holds_alternative<bool>(value_); }
    bool is_float() const { return std::holds_alternative<double>(value_); }
    bool is_text() const { return std::holds_alternative<std::shared_ptr<const Text>>(value_); }
    /// bool and int
    bool is_integer() const { return is_bool() || std::holds_alternative<int64_t>(value_); }
    bool is_number() const { return is_integer() || is_float(); }
    /// list or tuple
    bool is_list() const { return std::holds_alternative<std::shared_ptr<const List>>(value_); }
    bool is_tuple() const { return is_list() && list().tuple; }
    bool is_dict() const { return std::holds_alternative<std::shared_ptr<const Dict>>(value_); }
    bool is_object() const { return std::holds_alternative<std::shared_ptr<const Object>>(value_); }

    int64_t integer() const;
    double number() const;
    const Text & text() const { return *std::get<std::shared_ptr<const Text>>(value_); }
    std::string_view view() const { return text().view(); }
    const List & list() const { return *std::get<std::shared_ptr<const List>>(value_); }
    const Dict & dict() const { return *std::get<std::shared_ptr<const Dict>>(value_); }
    const std::shared_ptr<const Object> & object() const {
        return std::get<std::shared_ptr<const Object>>(value_);
    }
    int depth() const;

    bool truth() const;
    /// As Python's `str`, `repr` and `type(…).__name__`.
    Text str() const;
    Text repr() const;
    std::string type() const;
    /// Throws the failure of an undefined value.
    const Value & defined() const;

private:
    std::variant<Undefined, None, bool, int64_t, double, std::shared_ptr<const Text>,
                 std::shared_ptr<const List>, std::shared_ptr<const Dict>, std::shared_ptr<const Object>>
        value_;
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// What was given for each of `parameters`, by place or name. Throws Failure: too many, unknown names, or
    /// fewer than the first `required`.
    std::vector<std::optional<Value>> bind(std::string_view function,
                                           std::initializer_list<std::string_view> parameters,
                                           size_t required = 0) const;
};

/// The key of a dict that `key` can be. Throws Failure where it can be none.
const Value & hashable(const Value & key);
bool equal(const Value & a, const Value & b);
/// Throws Failure where they have no order.
bool less(const Value & a, const Value & b);
/// What a loop over it gives. Throws Failure.
std::vector<Value> items_of(const Value & value);
/// Throws Failure where it has none.
size_t length_of(const Value & value);
/// `value.name` and `value[key]`, as Jinja looks them up.
Value attribute_of(const Value & value, std::string_view name);
/// Without what is its item of that name.
std::optional<Value> own_attribute_of(const Value & value, std::string_view name);
Value item_of(const Value & value, const Value & key);
/// A method of Python's type, bound to the value; methods.cc.
std::optional<Value> method_of(const Value & value, std::string_view name);
/// Throws Failure where there is none of that name.
Value call_method(const Value & value, std::string_view name, const Arguments & given = {});
/// Throws Failure where it cannot be called.
Value call(const Value & callee, Arguments & arguments);

std::string float_repr(double value);

} // namespace reprise::jinja
