#include "engine/schema_grammar.h"

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/grammar.h"
#include "support.h"

using namespace reprise;

namespace {

/// Whether a text as a whole follows the schema's grammar.
bool fits(const std::string & schema, const std::string & text) {
    Grammar grammar(*test_model(), schema_grammar(schema), "root", {});
    for (const Token token : test_model()->vocabulary().tokenize(text, false, false)) {
        if (!grammar.allows(token)) return false;
        grammar.accept(token);
    }
    return grammar.complete();
}

std::string refusal(const std::string & schema) {
    try {
        schema_grammar(schema);
    } catch (const Error & error) {
        CHECK(std::string(name_of(error.code())) == "SCHEMA_UNSUPPORTED");
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("a schema's grammar follows it") {
    const std::string person =
        R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name"]})";
    CHECK(fits(person, R"({"name":"Ada","age":36})"));
    CHECK(fits(person, "{\n  \"name\": \"Ada\"\n}"));
    CHECK(!fits(person, R"({"age":36})"));
    CHECK(!fits(person, R"({"name":1})"));
}

TEST_CASE("a pair of surrogates is one character of a schema's string, and none stands alone") {
    const std::string one = R"({"type":"string","minLength":1,"maxLength":1})";
    CHECK(fits(one, R"("\ud83d\ude00")"));
    CHECK(fits(one, R"("\u00e4")"));
    CHECK(fits(one, R"("\\")"));
    CHECK(!fits(one, R"("\ud83d")"));
    CHECK(!fits(one, R"("\ude00")"));
    CHECK(!fits(R"({"type":"string","minLength":2})", R"("\ud83d\ude00")"));
}

TEST_CASE("a definition that is named bare has no quotes") {
    const std::string schema =
        R"({"$ref":"#/$defs/bare0","$defs":{"bare0":{"type":"string","pattern":"^([0-4][\\x2e][0-9]|5)$"}}})";
    CHECK(fits(schema, "3.7"));
    CHECK(fits(schema, "5"));
    CHECK(!fits(schema, "5.1"));
    CHECK(!fits(schema, "\"5\""));
}

TEST_CASE("a schema that cannot be converted is refused with the reason") {
    CHECK(refusal("{").find("parse error") != std::string::npos);
    CHECK(refusal(R"({"$ref":"http://example.org/a"})").find("only references into the same document") !=
          std::string::npos);
    CHECK(refusal(R"({"type":"text"})").find("unrecognized type text") != std::string::npos);
    CHECK(refusal(R"({"type":"array","items":{},"minItems":1000000000})").find("repeats") !=
          std::string::npos);
}

TEST_CASE("a schema that is too deep or too large is refused before it is read") {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += R"({"items":)";
    CHECK(refusal(deep).find("nested deeper") != std::string::npos);
    CHECK(refusal(std::string(100'000, '[')).find("nested deeper") != std::string::npos);
    CHECK(refusal("\"" + std::string(5'000'000, 'x') + "\"").find("bytes") != std::string::npos);
    CHECK(refusal(R"({"const":"[[[{{{\"[[["})") == "");
}
