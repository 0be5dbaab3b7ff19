#include "engine/assertions.h"

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

} // namespace reprise
