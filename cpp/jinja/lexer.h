#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/budget.h"

namespace reprise::jinja {

/// A piece of a template that the parsers take as a whole.
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
    std::string text; ///< as it is written; strings are without quotes and escapes
    int line;         ///< the line that the token begins in, from 1 on

    bool is_op(std::string_view op) const { return kind == Kind::op && text == op; }
    bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
};

/// A template's tokens, with Jinja's options trim_blocks and lstrip_blocks, which chat templates are written
/// for. Throws Failure.
std::vector<Token> tokens_of(std::string_view source);

/// The failure whose message is the line, as "line 3: ", and `what`.
Failure failure_at(int line, const std::string & what);

} // namespace reprise::jinja
