// The functions of llama.cpp's common/log.h that common/fit.cpp calls. Its own have a thread that prints;
// here what it says goes where llama.cpp's log goes (llama_log.h).
#include <cstdarg>
#include <cstdio>

#include "llama.h"

#include "common/log.h"

int common_log_get_verbosity_thold() {
    return LOG_LEVEL_WARN;
}

common_log * common_log_main() {
    return nullptr;
}

void common_log_add(common_log *, ggml_log_level level, const char * format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ggml_log_callback callback = nullptr;
    void * data = nullptr;
    llama_log_get(&callback, &data);
    if (callback) callback(level, text, data);
}

bool common_log_get_jsonl() {
    return false;
}

void common_log_add_json(common_log *, const char *, const common_json &) {}

// CMakeLists.txt gives fit.cpp these in place of llama.cpp's: it would change the process's log while other
// threads write to it.
extern "C" {
void reprise_fit_log_set(ggml_log_callback, void *) {}
void reprise_fit_log_get(ggml_log_callback * callback, void ** data) {
    llama_log_get(callback, data);
}
}
