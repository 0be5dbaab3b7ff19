#include "jinja/time_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "jinja/budget.h"

namespace reprise::jinja {

std::string time_text(std::time_t time, const std::string & format) {
    std::tm local{};
#ifdef _WIN32
    localtime_s(&local, &time);
#else
    localtime_r(&time, &local);
#endif
    static constexpr std::array<const char *, 7> days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                         "Thursday", "Friday", "Saturday"};
    static constexpr std::array<const char *, 12> months = {"January",   "February", "March",    "April",
                                                            "May",       "June",     "July",     "August",
                                                            "September", "October",  "November", "December"};
    const auto number = [](int value, int width, char fill = '0') {
        std::string digits = std::to_string(value);
        return std::string(std::max(0, width - static_cast<int>(digits.size())), fill) + digits;
    };
    const int hour = (local.tm_hour + 11) % 12 + 1;
    std::string out;
    for (size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        bool bare = format[i + 1] == '-' && i + 2 < format.size(); // as in %-d, which has no zeros in front
        i += bare ? 2 : 1;
        const int width = bare ? 0 : 2;
        switch (format[i]) {
        case 'Y':
            out += number(local.tm_year + 1900, 0);
            break;
        case 'y':
            out += number(local.tm_year % 100, width);
            break;
        case 'm':
            out += number(local.tm_mon + 1, width);
            break;
        case 'd':
            out += number(local.tm_mday, width);
            break;
        case 'e':
            out += number(local.tm_mday, 2, ' ');
            break;
        case 'H':
            out += number(local.tm_hour, width);
            break;
        case 'I':
            out += number(hour, width);
            break;
        case 'M':
            out += number(local.tm_min, width);
            break;
        case 'S':
            out += number(local.tm_sec, width);
            break;
        case 'f':
            out += "000000";
            break;
        case 'j':
            out += number(local.tm_yday + 1, bare ? 0 : 3);
            break;
        case 'w':
            out += number(local.tm_wday, 0);
            break;
        case 'p':
            out += local.tm_hour < 12 ? "AM" : "PM";
            break;
        case 'A':
            out += days[local.tm_wday];
            break;
        case 'a':
            out += std::string(days[local.tm_wday]).substr(0, 3);
            break;
        case 'B':
            out += months[local.tm_mon];
            break;
        case 'b':
        case 'h':
            out += std::string(months[local.tm_mon]).substr(0, 3);
            break;
        case 'F':
            out += time_text(time, "%Y-%m-%d");
            break;
        case 'T':
            out += time_text(time, "%H:%M:%S");
            break;
        case 'R':
            out += time_text(time, "%H:%M");
            break;
        case 'D':
        case 'x':
            out += time_text(time, "%m/%d/%y");
            break;
        case 'X':
            out += time_text(time, "%H:%M:%S");
            break;
        case 'c':
            out += time_text(time, "%a %b %e %H:%M:%S %Y");
            break;
        case 's':
            out += std::to_string(time);
            break;
        case 'z':
        case 'Z':
            break; // Python's now() has no zone.
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case '%':
            out += '%';
            break;
        default:
            throw Failure(std::string("strftime_now knows no %") + format[i]);
        }
    }
    return out;
}

} // namespace reprise::jinja
