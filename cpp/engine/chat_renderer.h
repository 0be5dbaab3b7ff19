#pragma once

#include <atomic>
#include <ctime>
#include <string>
#include <vector>

#include <nlohmann/json.hpp> // llama.cpp carries it.

#include "jinja/template.h"

namespace reprise {

/// How llama.cpp's chat engine renders templates on this thread for as long as it lives: by cpp/jinja, with
/// what is said here in place of what the engine gives.
struct ChatRenderings {
    explicit ChatRenderings(std::time_t now, const std::atomic<bool> * stop = nullptr);
    ~ChatRenderings();
    ChatRenderings(const ChatRenderings &) = delete;
    ChatRenderings & operator=(const ChatRenderings &) = delete;

    /// The text of the rendering whose bytes these begin with; what comes after is the template's. Where
    /// there is none, all of it is the template's.
    jinja::Text marked(const std::string & bytes) const;

    std::time_t now;
    const std::atomic<bool> * stop;
    /// Whether the template decides for itself whether to reason.
    bool own_thinking = false;
    /// The tools as the engine is given them, and as the template sees them.
    nlohmann::ordered_json given_tools, shown_tools;
    std::vector<jinja::Text> texts; ///< what was rendered

private:
    ChatRenderings * outer_;
};

/// From here on llama.cpp's chat engine renders by cpp/jinja. Any thread may call it, more than once.
void make_chats_render();

} // namespace reprise
