#include "engine/chat_renderer.h"

#include "chat.h" // of llama.cpp's common/
#include "engine/chat_capabilities.h"

namespace reprise {

namespace {

thread_local ChatRenderings * renderings = nullptr;

/// Dates by which llama.cpp's engine would change a prompt; templates ask for the time by `strftime_now`.
constexpr const char * dates[] = {"datetime", "date_string"};

class Renderer : public common_chat_renderer {
public:
    explicit Renderer(const std::string & source)
        : template_(source), capabilities_(chat_capabilities([this](const nlohmann::ordered_json & given) {
              return text_of(given, 0, {}).bytes();
          })) {}

    std::string render(const common_json & variables) const override {
        auto given = nlohmann::ordered_json::parse(variables.dump());
        if (!renderings) return text_of(std::move(given), std::time(nullptr), {}).bytes();
        for (const char * date : dates) given.erase(date);
        if (renderings->own_thinking) given.erase("enable_thinking");
        if (given.contains("tools") && given["tools"] == renderings->given_tools)
            given["tools"] = renderings->shown_tools;
        jinja::Limits limits;
        limits.stop = renderings->stop;
        renderings->texts.push_back(text_of(std::move(given), renderings->now, limits));
        return renderings->texts.back().bytes();
    }

    chat_template_caps caps() const override { return capabilities_; }

private:
    /// Some templates go through the tools without asking whether there are any.
    jinja::Text text_of(nlohmann::ordered_json given, std::time_t now, const jinja::Limits & limits) const {
        const bool has_tools = given.contains("tools");
        try {
            return template_.render(given, now, limits);
        } catch (const jinja::Failure &) {
            if (has_tools) throw;
        }
        given["tools"] = nlohmann::ordered_json::array();
        return template_.render(given, now, limits);
    }

    jinja::Template template_;
    chat_template_caps capabilities_;
};

std::shared_ptr<const common_chat_renderer> make_renderer(const std::string & source) {
    return std::make_shared<const Renderer>(source);
}

} // namespace

ChatRenderings::ChatRenderings(std::time_t now, const std::atomic<bool> * stop)
    : now(now), stop(stop), outer_(renderings) {
    renderings = this;
}

ChatRenderings::~ChatRenderings() {
    renderings = outer_;
}

jinja::Text ChatRenderings::marked(const std::string & bytes) const {
    const jinja::Text * longest = nullptr;
    for (const jinja::Text & text : texts)
        if (bytes.compare(0, text.size(), text.bytes()) == 0 && (!longest || text.size() > longest->size()))
            longest = &text;
    if (!longest) return jinja::Text(bytes);
    jinja::Text whole = *longest;
    return whole += jinja::Text(bytes.substr(longest->size()));
}

void make_chats_render() {
    static const bool set = [] {
        common_chat_make_renderer = make_renderer;
        return true;
    }();
    static_cast<void>(set);
}

} // namespace reprise
