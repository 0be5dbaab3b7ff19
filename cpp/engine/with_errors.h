#pragma once

#include <functional>
#include <new>
#include <string>

#include "engine/assertions.h"
#include "engine/context.h"
#include "engine/error.h"

namespace reprise {

using OnError = std::function<void(const Error &)>;

/// Calls `call`, and gives `on_error` what it throws, as an Error. A failed assertion gives up `context`,
/// where there is one. Throws nothing.
template <typename Call> void with_errors(Context * context, Call && call, const OnError & on_error) {
    const auto tell = [&](const Error & error) {
        try {
            on_error(error);
        } catch (...) { // nobody is left to tell, and the thread has others to serve
        }
    };
    try {
        call();
    } catch (const Error & error) {
        tell(error);
    } catch (const AssertionFailed & failed) {
        if (context) context->give_up(failed.what());
        tell(Error(ErrorCode::decode_failed,
                   std::string("An assertion of llama.cpp failed: ") + failed.what() +
                       "; the session and its forks are given up, and the model may be damaged"));
    } catch (const std::bad_alloc &) {
        tell(Error(ErrorCode::out_of_memory, "Not enough memory; use a smaller contextLength or model"));
    } catch (const std::exception & error) {
        tell(Error(ErrorCode::decode_failed, error.what()));
    } catch (...) {
        tell(Error(ErrorCode::native_failed, "A callback threw something that is no exception"));
    }
}

} // namespace reprise
