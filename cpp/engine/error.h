#pragma once

#include <stdexcept>
#include <string>

namespace reprise {

/// A failure that the user can act on. `code()` is one of `RepriseErrorCode` in lib/errors.ts.
class Error : public std::runtime_error {
public:
    Error(const char * code, const std::string & message) : std::runtime_error(message), code_(code) {}
    const char * code() const { return code_; }

private:
    const char * code_; // a string literal
};

} // namespace reprise
