#include "engine/chat_capabilities.h"

#include <optional>

#include <nlohmann/json.hpp> // llama.cpp carries it.

namespace reprise {

namespace {

using Json = nlohmann::ordered_json;

bool holds(const std::optional<std::string> & text, const char * word) {
    return text && text->find(word) != std::string::npos;
}

Json user(const Json & content) {
    return {{"role", "user"}, {"content", content}};
}

Json call(const char * id, const char * name, const Json & arguments) {
    return {{"id", id}, {"type", "function"}, {"function", {{"name", name}, {"arguments", arguments}}}};
}

Json conversation(const Json & calls) {
    return Json::array({user("User message"),
                        {{"role", "assistant"}, {"content", ""}, {"tool_calls", calls}},
                        {{"role", "tool"}, {"content", "Tool response"}, {"tool_call_id", "call00001"}},
                        {{"role", "assistant"}, {"content", "The tool response was 'tool response'"}},
                        user("User message")});
}

Json one_tool() {
    return Json::array(
        {{{"name", "tool"},
          {"type", "function"},
          {"function",
           {{"name", "TOOL_WORD"},
            {"description", "Tool description"},
            {"parameters",
             {{"type", "object"},
              {"properties", {{"arg", {{"type", "string"}, {"description", "Arg description"}}}}},
              {"required", Json::array({"arg"})}}}}}}});
}

} // namespace

::jinja::caps chat_capabilities(const std::function<std::string(const Json &)> & render) {
    const auto rendered = [&](const Json & messages, const Json & more = Json::object()) {
        Json given = {{"messages", messages},
                      {"tools", Json::array()},
                      {"bos_token", ""},
                      {"eos_token", ""},
                      {"add_generation_prompt", true}};
        given.update(more);
        std::optional<std::string> text;
        try {
            text = render(given);
        } catch (const std::exception &) { // It refuses them.
        }
        return text;
    };

    ::jinja::caps can;
    const auto typed =
        rendered(Json::array({user(Json::array({{{"type", "text"}, {"text", "CONTENT_WORD"}}}))}));
    can.supports_typed_content =
        holds(typed, "CONTENT_WORD") && !holds(typed, "'text':") && !holds(typed, "\"text\":");
    can.supports_string_content = holds(rendered(Json::array({user("CONTENT_WORD")})), "CONTENT_WORD");
    can.supports_system_role =
        holds(rendered(Json::array({{{"role", "system"}, {"content", "SYSTEM_WORD"}}, user("User message")})),
              "SYSTEM_WORD");

    const Json as_object = {{"arg", "VALUE_WORD"}};
    const Json as_text = R"({"arg": "VALUE_WORD"})";
    const Json with_tools = {{"tools", one_tool()}};
    const auto with_object =
        rendered(conversation(Json::array({call("call00001", "CALL_WORD", as_object)})), with_tools);
    const auto with_text =
        rendered(conversation(Json::array({call("call00001", "CALL_WORD", as_text)})), with_tools);
    // A dict that is written out as Python writes it was meant to be a text.
    can.supports_object_arguments = holds(with_object, "VALUE_WORD") && !holds(with_object, "{'arg': '");
    const auto & tried = can.supports_object_arguments ? with_object : with_text;
    can.supports_tools = holds(tried, "TOOL_WORD");
    can.supports_tool_calls = holds(tried, "CALL_WORD");
    const Json & arguments = can.supports_object_arguments ? as_object : as_text;
    can.supports_parallel_tool_calls =
        can.supports_tool_calls &&
        holds(rendered(conversation(Json::array({call("call00001", "CALL_WORD", arguments),
                                                 call("call00002", "OTHER_WORD", arguments)})),
                       with_tools),
              "OTHER_WORD");
    const Json thought = {
        {"role", "assistant"}, {"content", "Assistant message"}, {"reasoning_content", "REASONING_WORD"}};
    const Json keeps = {{"enable_thinking", true},
                        {"preserve_thinking", true},
                        {"clear_thinking", false},
                        {"truncate_history_thinking", false},
                        {"drop_thinking", false}};
    can.supports_preserve_reasoning =
        holds(rendered(Json::array({user("User message"), thought, user("User message")}), keeps),
              "REASONING_WORD");
    const Json asked = Json::array({user("User message")});
    const auto effort = [&](const char * much) {
        return rendered(
            asked, {{"enable_thinking", true}, {"reasoning_effort", much}, {"reasoning_strength", much}});
    };
    can.supports_reasoning_effort = effort("low") != effort("high");
    return can;
}

} // namespace reprise
