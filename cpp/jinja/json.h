#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "jinja/value.h"

namespace reprise::jinja {

struct JsonStyle {
    bool ascii = false;                ///< other characters are escaped
    bool sorted = false;               ///< entries are in the order of their keys
    std::optional<std::string> indent; ///< of one level; without it, all is in one line
    std::string between_items = ", ";
    std::string after_keys = ": ";
};

/// The value as Python's `json.dumps` writes it. Throws Failure where JSON has no form for it.
Text to_json(const Value & value, const JsonStyle & style);

/// The value that JSON stands for. All its texts and keys are content where `content` says so.
Value from_json(const nlohmann::ordered_json & json, bool content = false);

} // namespace reprise::jinja
