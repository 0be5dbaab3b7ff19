#include "engine/assertions.h"

#include <string>
#include <string_view>

#include "ggml.h"

namespace reprise {

namespace {

/// The message without the folders of the machine that llama.cpp was compiled on.
std::string without_folders(std::string_view message) {
    const size_t file_end = message.find(": ");
    const size_t slash = message.substr(0, file_end).find_last_of("/\\");
    return std::string(slash == std::string_view::npos ? message : message.substr(slash + 1));
}

} // namespace

void make_assertions_throw() {
    ggml_set_abort_callback([](const char * message) { throw AssertionFailed(without_folders(message)); });
}

Error as_error(const std::exception_ptr & thrown, ErrorCode otherwise) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Error & error) {
        return error;
    } catch (const AssertionFailed & failed) {
        return Error(otherwise == ErrorCode::native_failed ? ErrorCode::model_invalid : otherwise,
                     std::string("An assertion of llama.cpp failed: ") + failed.what());
    } catch (const std::bad_alloc &) {
        return Error(ErrorCode::out_of_memory,
                     "Not enough memory; use a smaller model, contextLength or text");
    } catch (const std::exception & error) {
        return Error(otherwise, error.what());
    } catch (...) {
        return Error(ErrorCode::native_failed, "Something was thrown that is no exception");
    }
}

} // namespace reprise
