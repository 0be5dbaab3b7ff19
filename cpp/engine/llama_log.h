#pragma once

#include <string>

namespace reprise {

/// llama.cpp gives the reason of a failure to its log alone. While one of these lives, the warnings
/// and errors logged on its thread are kept instead of printed; everything else is dropped.
class LogCapture {
public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture &) = delete;
    LogCapture & operator=(const LogCapture &) = delete;

    /// The captured lines as one line, without the function names that llama.cpp puts in front of them.
    std::string reason() const;

    /// Routes llama.cpp's process-wide log here. It is called once, before anything else of llama.cpp.
    static void install();

private:
    std::string text_;
    LogCapture * outer_;

    static void receive(int level, const char * text) noexcept;
};

} // namespace reprise
