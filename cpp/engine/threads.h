#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "engine/error.h"

namespace reprise {

/// A thread that runs `work`, which throws nothing. Throws Error OUT_OF_MEMORY where the system has no thread
/// left.
template <typename Work> std::thread start_thread(Work && work) {
    try {
        return std::thread(std::forward<Work>(work));
    } catch (const std::system_error & error) {
        throw Error(ErrorCode::out_of_memory,
                    std::string("The system could not start a thread (") + error.what() +
                        "); end other threads or processes, or raise the limit of them");
    }
}

} // namespace reprise
