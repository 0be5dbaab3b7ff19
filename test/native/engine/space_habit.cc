#include "engine/space_habit.h"

#include <doctest/doctest.h>

using namespace reprise;

namespace {

std::string usual(const std::string & text, char next) {
    SpaceHabit habit;
    habit.read(text);
    return habit.before(next, habit.end());
}

} // namespace

TEST_CASE("at first a space stands after a colon and a comma, and none elsewhere") {
    CHECK(usual("{", '"') == "");
    CHECK(usual("{\"a\":", '1') == " ");
    CHECK(usual("[1,", '2') == " ");
    CHECK(usual("[1", ']') == "");
}

TEST_CASE("the white space of a text is what it had between such characters the last time") {
    CHECK(usual("[1,2,", '3') == "");
    CHECK(usual("{ \"a\" :1}, {", '"') == " ");
    CHECK(usual("{ \"a\" :1}, { \"b\"", ':') == " ");
    CHECK(usual("[\"a\" ,\"b\"", ',') == " ");
}

TEST_CASE("lines are indented by as much more or less as the last time") {
    const std::string text = "{\n  \"a\": {";
    CHECK(usual(text, '"') == "\n    ");
    CHECK(usual(text + "\n    \"b\": 1,\n    \"c\": 2,", '"') == "\n    ");
    CHECK(usual("[\n  {\n    \"b\": 1\n  },\n  {", '"') == "\n    ");
    CHECK(usual("{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": 2", '}') == "\n");
    CHECK(usual("{\n\t\"a\": {", '"') == "\n\t\t");
}

TEST_CASE("strings say nothing about the white space between them") {
    CHECK(usual(R"({"a":"b:   c, \" {   d","e":)", '1') == "");
    CHECK(usual(R"({"a":"b:   c, \" {   d",)", '"') == " ");
}
