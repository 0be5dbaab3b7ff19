#include "engine/space_habit.h"

#include <doctest/doctest.h>

using namespace reprise;

TEST_CASE("the white space of a text is what it had after the same character the last time") {
    SpaceHabit habit;
    CHECK(habit.after(':') == " ");
    CHECK(habit.after('{') == "");
    habit.read("{\n  \"a\":1,");
    CHECK(habit.after('{') == "\n  ");
    CHECK(habit.after(':') == "");
    CHECK(habit.after(',') == " "); // what follows this one is not known yet
    CHECK(habit.last() == ',');
    habit.read("\n  ");
    habit.read("\"b\": ");
    CHECK(habit.after(',') == "\n  ");
    CHECK(habit.last() == ' ');
}

TEST_CASE("strings say nothing about the white space between them") {
    SpaceHabit habit;
    habit.read(R"({"a":"b:   c, \" {   d","e":1)");
    CHECK(habit.after(':') == "");
    CHECK(habit.after(',') == "");
    CHECK(habit.after('{') == "");
}
