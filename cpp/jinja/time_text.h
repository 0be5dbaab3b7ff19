#pragma once

#include <ctime>
#include <string>

namespace reprise::jinja {

/// The time in this machine's zone, in the form that `format` asks for, as Python's `strftime` has it. Names
/// of days and months are English whatever the process's language. Throws Failure for a letter it does not
/// know.
std::string time_text(std::time_t time, const std::string & format);

} // namespace reprise::jinja
