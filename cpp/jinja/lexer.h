#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/budget.h"

namespace reprise::jinja {

struct Token {
    enum class Kind {
        data,
        variable_begin,
        variable_end,
        block_begin,
        block_end,
        name,
        string,
        integer,
        real,
        op,
        end
    };

    Kind kind;
    std::string text; ///< of data and strings without their escapes
    int line;

    bool is_op(std::string_view op) const { return kind == Kind::op && text == op; }
    bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
};

/// A template's tokens, with trim_blocks and lstrip_blocks. Throws Failure.
std::vector<Token> tokens_of(std::string_view source);

/// "line 3: …"
Failure failure_at(int line, const std::string & what);

} // namespace reprise::jinja
