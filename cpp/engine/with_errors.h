#pragma once

#include <exception>
#include <functional>
#include <string>

#include "engine/assertions.h"
#include "engine/context.h"
#include "engine/error.h"

namespace reprise {

using OnError = std::function<void(const Error &)>;

/// Calls `call`, and gives `on_error` what it throws, as an Error. A failed assertion gives up `context`,
/// where there is one. Throws nothing.
template <typename Call> void with_errors(Context * context, Call && call, const OnError & on_error) {
    try {
        try {
            call();
        } catch (const AssertionFailed & failed) {
            if (context) {
                context->give_up(failed.what());
                // Where a worker was lost, what came in place of its answers made the assertion fail.
                context->require_workers();
            }
            on_error(Error(
                ErrorCode::decode_failed,
                as_error(std::current_exception(), ErrorCode::decode_failed).what() +
                    std::string("; the session and its forks are given up, and the model may be damaged")));
        } catch (...) {
            on_error(as_error(std::current_exception(), ErrorCode::decode_failed));
        }
    } catch (...) { // Nobody is left to tell, and the thread has others to serve.
    }
}

} // namespace reprise
