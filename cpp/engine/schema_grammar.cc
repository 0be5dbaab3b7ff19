#include "engine/schema_grammar.h"

#include <algorithm>
#include <string_view>

#include "engine/assertions.h"
#include "engine/error.h"
#include "engine/grammar_fault.h"
#include "engine/json_depth.h"
#include "json-schema-to-grammar.h" // of llama.cpp's common/

namespace reprise {

namespace {

/// A grammar of a schema is some times as large, and one of 1,000,000 characters is refused.
constexpr size_t max_bytes = 4 << 20;
/// A schema in a schema takes two levels of JSON and some 3 KB of stack.
constexpr int max_depth = 256;

/// What the converter names the rule of a definition.
const std::string bare_rule = std::string("ref-defs-") + bare_definition;
constexpr std::string_view quote = R"("\"")";

/// A character of a string. The converter's own rule takes a surrogate by itself for one.
constexpr std::string_view char_rule =
    R"([^"\\\x7F\x00-\x1F] | [\\] (["\\bfnrt] | "u" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] ([0-7] [0-9a-fA-F]{2} | [89abAB] [0-9a-fA-F]{2} "\\u" [dD] [c-fC-F] [0-9a-fA-F]{2}))))";

[[noreturn]] void refuse(const std::string & why) {
    throw Error(ErrorCode::schema_unsupported, "The schema cannot be followed: " + why);
}

/// Throws where what recurses over the schema could overflow the stack.
void require_fitting(std::string_view schema) {
    if (schema.size() > max_bytes) refuse("it has more than " + std::to_string(max_bytes) + " bytes");
    if (json_depth(schema) > max_depth) refuse("it is nested deeper than " + std::to_string(max_depth));
}

/// The rule as it is to be, from the converter's.
std::string rule_for(std::string_view name, std::string_view rule) {
    if (name == "char") return std::string(char_rule);
    const bool is_bare = name.substr(0, bare_rule.size()) == bare_rule && rule.size() > 2 * quote.size() &&
                         rule.substr(0, quote.size()) == quote &&
                         rule.substr(rule.size() - quote.size()) == quote;
    return std::string(is_bare ? rule.substr(quote.size(), rule.size() - 2 * quote.size()) : rule);
}

} // namespace

std::string with_whole_characters(const std::string & converted) {
    constexpr std::string_view defines = " ::= ";
    std::string grammar;
    for (size_t at = 0; at < converted.size();) {
        const size_t end = std::min(converted.find('\n', at), converted.size());
        const std::string_view line = std::string_view(converted).substr(at, end - at);
        at = end + 1;
        const size_t middle = line.find(defines);
        if (middle == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, middle);
        grammar.append(name).append(defines);
        grammar.append(rule_for(name, line.substr(middle + defines.size()))).append("\n");
    }
    return grammar;
}

std::string schema_grammar(const std::string & schema) {
    require_fitting(schema);
    const std::string converted =
        with_assertions(ErrorCode::schema_unsupported, "The schema cannot be followed",
                        [&] { return json_schema_to_grammar(common_json::parse(schema), true); });
    const std::string grammar = with_whole_characters(converted);
    if (const std::string fault = grammar_fault(grammar); !fault.empty())
        refuse("its grammar is too large: " + fault);
    return grammar;
}

} // namespace reprise
