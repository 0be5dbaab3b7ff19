#pragma once

#include <array>
#include <stdexcept>
#include <string>

namespace reprise {

/// Every code that an error of the addon may have; lib/errors.ts says what each means. `name_of` gives the
/// name that JavaScript sees.
enum class ErrorCode {
    model_not_found,
    model_invalid,
    model_vocab_only,
    out_of_memory,
    context_overflow,
    sequences_exhausted,
    prompt_empty,
    text_invalid,
    image_invalid,
    grammar_invalid,
    schema_unsupported,
    option_invalid,
    session_busy,
    disposed,
    aborted,
    state_mismatch,
    state_io,
    decode_failed,
    template_invalid,
    worker_unavailable,
    native_failed,
    count,
};

/// The code's name in JavaScript, a `RepriseErrorCode` of lib/errors.ts.
const char * name_of(ErrorCode code);

/// The names of all codes. A test compares them with those that lib/errors.ts knows.
std::array<const char *, static_cast<size_t>(ErrorCode::count)> error_code_names();

/// A failure that the user can act on. The message says what is wrong and what to do.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string & message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const { return code_; }

private:
    ErrorCode code_;
};

} // namespace reprise
