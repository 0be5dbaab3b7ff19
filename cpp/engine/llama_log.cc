#include "engine/llama_log.h"

#include <cctype>
#include <sstream>

#include "llama.h"

#include "mtmd.h"

namespace reprise {

namespace {
thread_local LogCapture * current = nullptr;
/// As much is kept of what llama.cpp says about one failure; reasons are a line or two.
constexpr size_t max_text = 4096;

std::string without_function_name(const std::string & line) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos || colon == 0) return line;
    for (size_t i = 0; i < colon; ++i) {
        const auto c = static_cast<unsigned char>(line[i]);
        if (!std::isalnum(c) && c != '_' && c != ':' && c != '~') return line;
    }
    return line.substr(colon + 2);
}
} // namespace

LogCapture::LogCapture() : outer_(current) {
    current = this;
}

LogCapture::~LogCapture() {
    current = outer_;
}

void LogCapture::receive(int level, const char * text) noexcept {
    const bool worth_keeping =
        level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_CONT;
    if (!current || !worth_keeping || current->text_.size() > max_text) return;
    try {
        current->text_ += text;
    } catch (...) { // Where memory is short the message is lost; the failure itself is not.
    }
}

void LogCapture::install() {
    const auto log = [](ggml_log_level level, const char * text, void *) { receive(level, text); };
    llama_log_set(log, nullptr);
    mtmd_log_set(log, nullptr);
}

std::string LogCapture::reason() const {
    std::istringstream lines(text_);
    std::string line;
    std::string joined;
    while (std::getline(lines, line)) {
        line = without_function_name(line);
        if (line.empty()) continue;
        if (!joined.empty()) joined += "; ";
        joined += line;
    }
    return joined;
}

} // namespace reprise
