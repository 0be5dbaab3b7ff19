#include "engine/space_habit.h"

namespace reprise {

namespace {
/// The grammars of JSON allow no more white space in one place than this.
constexpr size_t max_spaces = 24;
} // namespace

SpaceHabit::SpaceHabit() {
    spaces_[':'] = spaces_[','] = " ";
}

void SpaceHabit::read(std::string_view text) {
    for (const char c : text) {
        last_ = c;
        if (in_string_) {
            if (c == '"' && !escaped_) in_string_ = false;
            escaped_ = c == '\\' && !escaped_;
            before_ = c;
            continue;
        }
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            if (spaces_read_.size() < max_spaces) spaces_read_ += c;
            continue;
        }
        if (before_ > 0) spaces_[static_cast<size_t>(before_)] = spaces_read_;
        spaces_read_.clear();
        in_string_ = c == '"';
        before_ = c;
    }
}

const std::string & SpaceHabit::after(char character) const {
    static const std::string none;
    const auto index = static_cast<unsigned char>(character);
    return index < spaces_.size() ? spaces_[index] : none;
}

} // namespace reprise
