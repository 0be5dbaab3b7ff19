#pragma once

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "engine/error.h"

namespace reprise {

/// An assertion of ggml or llama.cpp that failed: what a model file, an option or a text holds that they did
/// not expect. What was being worked on is in an unknown state, so it is neither used nor freed any more;
/// everything else in the process goes on.
class AssertionFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// From here on a failed assertion throws AssertionFailed on the thread that it fails on, where it would end
/// the process. In the threads of the CPU backend's pool it fails the graph instead: llama_decode returns an
/// error (scripts/patches/cpu-assertions-end-the-graph.patch). Nothing that may throw it is called from a
/// destructor, from code that is noexcept, or from another thread without a handler: that ends the process
/// as ever. Call once, before anything else of llama.cpp.
void make_assertions_throw();

/// What was thrown, as an Error. An Error stays as it is, and std::bad_alloc becomes OUT_OF_MEMORY. Any other
/// exception gets the code `otherwise`; what is no exception gets NATIVE_FAILED. A failed assertion gets
/// MODEL_INVALID where `otherwise` says no more than NATIVE_FAILED, since what llama.cpp asserts is what a
/// model file holds.
Error as_error(const std::exception_ptr & thrown, ErrorCode otherwise);

/// Calls `work`; an assertion that fails in it, or another exception of llama.cpp's, comes out as an Error
/// with `code`, whose message is `what` and the exception's. For calls after which nothing is left in an
/// unknown state.
template <typename Work> auto with_assertions(ErrorCode code, const std::string & what, Work && work) {
    try {
        return work();
    } catch (const Error &) {
        throw;
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception & failed) {
        throw Error(code, what + ": " + failed.what());
    }
}

} // namespace reprise
