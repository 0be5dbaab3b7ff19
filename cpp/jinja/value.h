#pragma once

#include <cstdint>
#include <functional>
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
struct Arguments; // jinja/arguments.h

/// The value of what is not there. Most uses of it fail, and `why` is the message.
struct Undefined {
    std::shared_ptr<const std::string> why;
};
struct None {};

struct List {
    std::vector<Value> items;
    bool tuple = false;
    int depth = 1; ///< how many values stand one inside the other, with this one
    bool group =
        false; ///< whether `groupby` made it: its two items are also its attributes `grouper` and `list`
};

/// Keys are in the order in which they were added.
struct Dict {
    std::vector<std::pair<Value, Value>> entries;
    int depth = 1; ///< how many values stand one inside the other, with this one

    /// Null where there is no such key.
    const Value * find(const Value & key) const;
};

/// A value that has attributes or can be called: a function, a macro, `loop`, a namespace.
struct Object {
    virtual ~Object() = default;
    /// The depth of the values that it holds. It counts into the depth of a value that holds the object, so
    /// that freeing either recurses no deeper than `Value` allows.
    mutable int held = 0;
    /// The name of its type, as Python has it.
    virtual std::string name() const = 0;
    virtual std::optional<Value> attribute(std::string_view name) const;
    virtual bool callable() const { return false; }
    virtual Value call(Arguments & arguments) const;
};

/// A Python value, as templates reckon with it. Values never change; the attributes of a namespace do.
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
    /// A pair that `groupby` gives.
    static Value group(Value grouper, Value members);
    static Value dict(std::vector<std::pair<Value, Value>> entries);

    bool is_undefined() const { return std::holds_alternative<Undefined>(value_); }
    bool is_none() const { return std::holds_alternative<None>(value_); }
    bool is_bool() const { return std::holds_alternative<bool>(value_); }
    bool is_float() const { return std::holds_alternative<double>(value_); }
    bool is_text() const { return std::holds_alternative<std::shared_ptr<const Text>>(value_); }
    /// A bool is an integer, too, as in Python.
    bool is_integer() const { return is_bool() || std::holds_alternative<int64_t>(value_); }
    bool is_number() const { return is_integer() || is_float(); }
    /// Whether it is a list or a tuple.
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
    /// How many values stand one inside the other, with this one; 0 for numbers and texts.
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

/// `key`, where it can be the key of a dict. Throws Failure where it cannot.
const Value & hashable(const Value & key);
bool equal(const Value & a, const Value & b);
/// Throws Failure where they have no order.
bool less(const Value & a, const Value & b);
/// The items that a loop over the value gives. Throws Failure where there are none.
std::vector<Value> items_of(const Value & value);
/// Throws Failure where the value has no length.
size_t length_of(const Value & value);
/// Throws Failure where the value cannot be called.
Value call(const Value & callee, Arguments & arguments);
/// A function that C++ gives. `held` is the depth of the values that it holds.
Value function(std::string name, std::function<Value(Arguments &)> body, int held = 0);

/// A template's integers have 64 bits. Where an operation's result, reckoned in floating point, is above
/// this, it is a Failure. The bound lies under 2⁶³ = 9.223e18 by more than such a result is rounded.
inline constexpr double max_integer = 9.2e18;

/// The shortest digits that give the number again, as Python writes them.
std::string float_repr(double value);

} // namespace reprise::jinja
