#include "jinja/percent_format.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "jinja/format_spec.h"

namespace reprise::jinja {

namespace {

/// One formatting under way.
class Percent {
public:
    Percent(const Text & format, const Value & values)
        : format_(format), view_(format.view()), values_(values) {}

    Text run() {
        Text out;
        while (at_ < view_.size()) {
            const size_t percent = std::min(view_.find('%', at_), view_.size());
            out += format_.substr(at_, percent - at_);
            at_ = percent + 1;
            if (percent < view_.size()) out += conversion();
        }
        // Values that can be looked into by key need not be used, one value and those of a tuple must.
        const bool unused = values_.is_tuple() ? next_ < values_.list().items.size()
                                               : next_ == 0 && !values_.is_dict() && !values_.is_list() &&
                                                     !values_.is_undefined();
        if (unused) throw Failure("not all arguments converted during string formatting");
        return out;
    }

private:
    const Value & next() {
        if (values_.is_tuple()) {
            if (next_ >= values_.list().items.size()) throw Failure("not enough arguments for format string");
            return values_.list().items[next_++];
        }
        if (next_++ > 0) throw Failure("not enough arguments for format string");
        return values_;
    }

    Text conversion() {
        FormatSpec spec;
        const Value * value = nullptr;
        if (at_ < view_.size() && view_[at_] == '(') {
            const size_t end = view_.find(')', at_);
            if (end == view_.npos) throw Failure("incomplete format key");
            if (!values_.is_dict()) throw Failure("format requires a mapping");
            value = values_.dict().find(Value(view_.substr(at_ + 1, end - at_ - 1)));
            if (!value) throw Failure("'" + std::string(view_.substr(at_ + 1, end - at_ - 1)) + "'");
            at_ = end + 1;
        }
        for (; at_ < view_.size() && std::string_view("-+ #0").find(view_[at_]) != std::string_view::npos;
             ++at_) {
            const char flag = view_[at_];
            if (flag == '-')
                spec.align = '<';
            else if (flag == '0')
                spec.fill = "0";
            else if (flag == '#')
                spec.alternate = true;
            else
                spec.sign = flag;
        }
        const auto size = [&] {
            if (at_ >= view_.size() || view_[at_] != '*')
                return static_cast<int64_t>(format_digits(view_, at_));
            ++at_;
            const Value & given = next();
            if (!given.is_integer()) throw Failure("* wants int");
            if (std::abs(given.number()) > max_format_width)
                throw Failure("a format's width or precision is too large");
            return given.integer();
        };
        const int64_t width = size();
        if (width < 0) spec.align = '<';
        spec.width = static_cast<size_t>(std::abs(width));
        if (at_ < view_.size() && view_[at_] == '.') {
            ++at_;
            spec.precision = static_cast<int>(std::max<int64_t>(0, size()));
        }
        while (at_ < view_.size() && std::string_view("hlL").find(view_[at_]) != std::string_view::npos)
            ++at_;
        if (at_ >= view_.size()) throw Failure("incomplete format");
        const char type = view_[at_++];
        if (type == '%') return "%";
        return converted(value ? *value : next(), type, spec);
    }

    static Text converted(const Value & value, char type, FormatSpec spec) {
        const bool zeros = spec.fill == "0" && spec.align == 0;
        if (type == 's' || type == 'r' || type == 'a') {
            spec.fill = " ";
            return aligned(cut(type == 's' ? value.str() : value.repr(), spec.precision), spec, '>');
        }
        if (type == 'c') {
            spec.fill = " ";
            if (value.is_integer()) return aligned(character(value), spec, '>');
            if (value.is_text() && code_points(value.view()) == 1) return aligned(value.text(), spec, '>');
            throw Failure("%c requires int or char");
        }
        if (std::string_view("diuxXoeEfFgG").find(type) == std::string_view::npos)
            throw Failure(std::string("unsupported format character '") + type + "'");
        value.defined();
        if (!value.is_number())
            throw Failure(std::string("%") + type + " format: a real number is required, not " +
                          value.type());
        const bool integral = std::string_view("xXo").find(type) != std::string_view::npos;
        if (integral && value.is_float())
            throw Failure(std::string("%") + type + " format: an integer is required, not float");
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        if (zeros)
            spec.align = '=';
        else
            spec.fill = spec.align ? " " : spec.fill;
        return formatted_number(value, spec);
    }

    const Text & format_;
    std::string_view view_;
    const Value & values_;
    size_t at_ = 0;   ///< where in the format it is
    size_t next_ = 0; ///< how many values were used in turn
};

} // namespace

Text percent_format(const Text & format, const Value & values) {
    return Percent(format, values).run();
}

} // namespace reprise::jinja
