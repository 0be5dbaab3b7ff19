#include "jinja/brace_format.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "jinja/attributes.h"
#include "jinja/format_spec.h"

namespace reprise::jinja {

namespace {

/// One formatting under way. The format of a field may itself hold fields, whose formats may hold none, as in
/// Python.
class Braces {
public:
    Braces(const Text & format, const Arguments & arguments) : format_(format), arguments_(arguments) {}

    Text run() { return expanded(format_, 0); }

private:
    Text expanded(const Text & format, int depth) {
        if (depth > 1) throw Failure("Max string recursion exceeded");
        const std::string_view view = format.view();
        Text out;
        for (size_t at = 0; at < view.size();) {
            const size_t brace = std::min(view.find_first_of("{}", at), view.size());
            out += format.substr(at, brace - at);
            if (brace == view.size()) break;
            if (brace + 1 < view.size() && view[brace + 1] == view[brace]) {
                out += format.substr(brace, 1);
                at = brace + 2;
                continue;
            }
            if (view[brace] == '}') throw Failure("Single '}' encountered in format string");
            const size_t end = closing(view, brace);
            out += field(format.substr(brace + 1, end - brace - 1), depth);
            at = end + 1;
        }
        return out;
    }

    static size_t closing(std::string_view view, size_t open) {
        int level = 0;
        for (size_t at = open; at < view.size(); ++at) {
            level += (view[at] == '{') - (view[at] == '}');
            if (level == 0) return at;
        }
        throw Failure("expected '}' before end of string");
    }

    Text field(const Text & text, int depth) {
        const std::string_view view = text.view();
        const size_t end = std::min(view.find_first_of("!:"), view.size());
        Value value = looked_up(view.substr(0, end));
        size_t at = end;
        if (at < view.size() && view[at] == '!') {
            const char conversion = at + 1 < view.size() ? view[at + 1] : '\0';
            if (conversion == 'r' || conversion == 'a')
                value = value.repr();
            else if (conversion == 's')
                value = value.str();
            else
                throw Failure("Unknown conversion specifier");
            at += 2;
        }
        if (at >= view.size()) return value.str();
        if (view[at] != ':') throw Failure("expected ':' after conversion specifier");
        return formatted(value, expanded(text.substr(at + 1), depth + 1).view());
    }

    Value looked_up(std::string_view path) {
        size_t at = std::min(path.find_first_of(".["), path.size());
        Value value = argument(path.substr(0, at));
        while (at < path.size()) {
            if (path[at] == '.') {
                const size_t end = std::min(path.find_first_of(".[", at + 1), path.size());
                value = attribute_of(value, path.substr(at + 1, end - at - 1));
                at = end;
            } else {
                const size_t end = path.find(']', at);
                if (end == path.npos) throw Failure("Missing ']' in format string");
                const std::string_view key = path.substr(at + 1, end - at - 1);
                const auto number = index_in_path(key);
                value = item_of(value, number ? Value(*number) : Value(key));
                at = end + 1;
            }
        }
        return value;
    }

    Value argument(std::string_view name) {
        const auto number = index_in_path(name);
        if (name.empty() || number) {
            const size_t index = number ? static_cast<size_t>(*number) : next_++;
            if (index >= arguments_.positional.size())
                throw Failure("Replacement index " + std::to_string(index) +
                              " out of range for positional args tuple");
            return arguments_.positional[index];
        }
        for (const auto & [known, value] : arguments_.named)
            if (known == name) return value;
        throw Failure("'" + std::string(name) + "'");
    }

    const Text & format_;
    const Arguments & arguments_;
    size_t next_ = 0; ///< how many arguments fields without a name have used
};

} // namespace

Text brace_format(const Text & format, const Arguments & arguments) {
    return Braces(format, arguments).run();
}

} // namespace reprise::jinja
