#include "engine/chat_format.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/assertions.h"
#include "engine/chat_renderer.h"
#include "engine/error.h"
#include "llama_chat_tests.h"
#include "support.h"

using namespace reprise;

namespace {

const std::filesystem::path source = REPRISE_LLAMA_SOURCE;

/// Templates whose expectations are not all met.
const std::vector<std::string> unmet = {
    // It changes a list, which Python's sandbox refuses.
    "Kimi-K2-Instruct.jinja",
    // It writes out a variable that nobody gives, which Python's Jinja refuses.
    "fireworks-ai-llama-3-firefunction-v2.jinja",
    // A reply that is no reply of the format is to be refused there; here it is content.
    "GLM-4.7-Flash.jinja",
};

const char * const chatml =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

nlohmann::ordered_json request() {
    return {{"messages", {{{"role", "user"}, {"content", "Hi"}}}},
            {"tools", nlohmann::ordered_json::array()},
            {"shownTools", nlohmann::ordered_json::array()},
            {"toolChoice", "auto"},
            {"parallelToolCalls", nullptr},
            {"reasoning", "auto"},
            {"begun", ""},
            {"variables", nlohmann::ordered_json::object()}};
}

std::shared_ptr<const ChatFormat> format_of(const std::string & chat_template,
                                            const nlohmann::ordered_json & given) {
    ChatFormats formats(chat_template, "", "");
    return formats.format(given.dump(), test_model()->vocabulary(), 0, false);
}

} // namespace

TEST_CASE("replies of llama.cpp's templates are read as its own tests expect") {
    make_assertions_throw();
    make_chats_render();
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(source);
    for (const auto & entry : std::filesystem::directory_iterator(source / "models" / "templates")) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".jinja") continue;
        CAPTURE(name);
        std::string failure;
        try {
            llama_chat_test(name);
        } catch (const std::exception & error) {
            failure = error.what();
        }
        const bool expected = std::find(unmet.begin(), unmet.end(), name) != unmet.end();
        CAPTURE(failure);
        CHECK(failure.empty() != expected);
    }
    std::filesystem::current_path(before);
}

TEST_CASE("a reply that is nested too deep is content, and ends nothing") {
    auto given = request();
    given["tools"] = {
        {{"name", "deep"},
         {"description", ""},
         {"parameters", {{"type", "object"}, {"properties", {{"a", nlohmann::ordered_json::object()}}}}}}};
    given["shownTools"] = given["tools"];
    const std::string chat_template = std::string(
        "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ "
        "m.content }}"
        "{% for c in m.tool_calls or [] %}<tool_call>\n{\"name\": \"{{ c.function.name }}\", \"arguments\": "
        "{{ c.function.arguments | tojson }}}\n</tool_call>{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}");
    const auto format = format_of(chat_template, given);
    const std::string begin = R"(<tool_call>
{"name": "deep", "arguments": {"a": )";
    const auto flat = nlohmann::json::parse(format->parse(begin + "[1]}}\n</tool_call>", false));
    REQUIRE(flat["toolCalls"].size() == 1);
    const std::string deep = begin + std::string(200'000, '[');
    CHECK(nlohmann::json::parse(format->parse(deep, true))["content"] == deep);
    CHECK(nlohmann::json::parse(format->parse(deep, false))["content"] == deep);
}

TEST_CASE("a template that never ends is refused") {
    CHECK_THROWS_AS(
        format_of("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}",
                  request()),
        Error);
}

TEST_CASE("arguments that are no object are none in a prompt") {
    auto given = request();
    given["messages"].push_back(
        {{"role", "assistant"},
         {"content", ""},
         {"toolCalls", {{{"id", "1"}, {"name", "deep"}, {"arguments", std::string(100'000, '[')}}}}});
    given["messages"].push_back({{"role", "tool"}, {"content", "no"}, {"toolCallId", "1"}});
    CHECK(format_of(chatml, given)->prompt().bytes().find("[[") == std::string::npos);
}
