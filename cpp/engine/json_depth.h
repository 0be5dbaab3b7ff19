#pragma once

#include <algorithm>
#include <string_view>

namespace reprise {

/// How deep the objects and arrays of a JSON text are nested: what recurses over them takes stack for each
/// level. Of another text it counts the brackets outside of quotation marks.
inline int json_depth(std::string_view json) {
    int depth = 0, deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return deepest;
}

} // namespace reprise
