#include "jinja/arguments.h"

#include <algorithm>

namespace reprise::jinja {

std::vector<std::optional<Value>> Arguments::bind(std::string_view function,
                                                  std::initializer_list<std::string_view> parameters,
                                                  size_t required) const {
    const std::string name = std::string(function) + "()";
    if (positional.size() > parameters.size())
        throw Failure(name + " takes " + std::to_string(parameters.size()) + " arguments but " +
                      std::to_string(positional.size()) + " were given");
    std::vector<std::optional<Value>> bound(positional.begin(), positional.end());
    bound.resize(parameters.size());
    for (const auto & [key, value] : named) {
        const auto at = std::find(parameters.begin(), parameters.end(), key);
        if (at == parameters.end()) throw Failure(name + " got an unexpected keyword argument '" + key + "'");
        auto & place = bound[at - parameters.begin()];
        if (place) throw Failure(name + " got multiple values for argument '" + key + "'");
        place = value;
    }
    for (size_t i = 0; i < required; ++i)
        if (!bound[i])
            throw Failure(name + " missing a required argument: '" + std::string(parameters.begin()[i]) +
                          "'");
    return bound;
}

int64_t to_integer(const Value & value, std::string_view what) {
    value.defined();
    if (value.is_integer()) return value.integer();
    throw Failure(std::string(what) + ": '" + value.type() + "' object cannot be interpreted as an integer");
}

const Text & to_text(const Value & value, std::string_view what) {
    value.defined();
    if (value.is_text()) return value.text();
    throw Failure(std::string(what) + ": expected str, not " + value.type());
}

} // namespace reprise::jinja
