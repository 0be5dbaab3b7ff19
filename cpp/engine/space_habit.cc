#include "engine/space_habit.h"

#include <algorithm>

namespace reprise {

namespace {

/// The grammars of JSON allow no more white space in one place than this.
constexpr size_t max_spaces = 24;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

} // namespace

void TextEnd::read(char character) {
    if (is_space(character)) {
        if (spaces_.size() < max_spaces) spaces_ += character;
        return;
    }
    if (const size_t line = spaces_.rfind('\n'); line != std::string::npos)
        indent_ = static_cast<int>(spaces_.size() - line) - 1;
    spaces_.clear();
    last_ = character;
}

SpaceHabit::SpaceHabit() {
    for (const char c : {':', ','})
        for (Spaces & spaces : habits_[kind_of(c)]) spaces.text = " ";
}

size_t SpaceHabit::kind_of(char character) {
    switch (character) {
    case '{':
        return 0;
    case '[':
        return 1;
    case ':':
        return 2;
    case ',':
        return 3;
    case '}':
    case ']':
        return 4;
    default:
        return 5;
    }
}

void SpaceHabit::read(std::string_view text) {
    for (const char c : text) {
        if (in_string_) {
            in_string_ = c != '"' || escaped_;
            escaped_ = c == '\\' && !escaped_;
        } else if (!is_space(c)) {
            if (end_.last() != '\0') {
                const std::string & spaces = end_.spaces();
                const size_t line = spaces.rfind('\n') + 1; // 0 where there is none
                Spaces & habit = habits_[kind_of(end_.last())][kind_of(c)];
                habit.new_line = line > 0;
                habit.text = line > 0 ? spaces.substr(0, line) : spaces;
                habit.deeper = static_cast<int>(spaces.size() - line) - end_.indent();
                habit.fill = line < spaces.size() ? spaces[line] : ' ';
            }
            in_string_ = c == '"';
        }
        end_.read(c);
    }
}

std::string SpaceHabit::before(char character, const TextEnd & end) const {
    const Spaces & habit = habits_[kind_of(end.last())][kind_of(character)];
    std::string spaces = habit.text;
    if (habit.new_line)
        spaces.append(static_cast<size_t>(std::clamp(end.indent() + habit.deeper, 0, 20)), habit.fill);
    return spaces;
}

} // namespace reprise
