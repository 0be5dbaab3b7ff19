#include "engine/chat_format.h"

#include "chat.h" // of llama.cpp's common/
#include "engine/assertions.h"
#include "engine/chat_renderer.h"
#include "engine/json_depth.h"
#include "engine/schema_grammar.h"

namespace reprise {

namespace {

using Json = nlohmann::ordered_json;

/// Arguments of a call are nested so deep at most in a prompt.
constexpr int deepest_arguments = 128;

/// The arguments as templates can write them: an object. A model that was cut short may have left another
/// text.
std::string object_of(const std::string & arguments) {
    if (json_depth(arguments) > deepest_arguments) return "{}";
    return Json::parse(arguments, nullptr, false).is_object() ? arguments : "{}";
}

common_chat_msg message_from(const Json & given) {
    common_chat_msg message;
    message.role = given.at("role");
    message.content = given.at("content");
    message.reasoning_content = given.value("reasoning", "");
    message.tool_call_id = given.value("toolCallId", "");
    message.tool_name = given.value("name", "");
    if (given.contains("toolCalls"))
        for (const Json & call : given["toolCalls"])
            message.tool_calls.push_back({call.at("name"), object_of(call.at("arguments")), call.at("id")});
    return message;
}

common_chat_templates_inputs inputs_from(const Json & request, bool parallel) {
    common_chat_templates_inputs inputs;
    for (const Json & message : request.at("messages")) inputs.messages.push_back(message_from(message));
    for (const Json & tool : request.at("tools"))
        inputs.tools.push_back({tool.at("name"), tool.at("description"), tool.at("parameters").dump()});
    const std::string choice = request.at("toolChoice");
    inputs.tool_choice = choice == "required" ? COMMON_CHAT_TOOL_CHOICE_REQUIRED
                         : choice == "none"   ? COMMON_CHAT_TOOL_CHOICE_NONE
                                              : COMMON_CHAT_TOOL_CHOICE_AUTO;
    inputs.parallel_tool_calls = parallel;
    inputs.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
    inputs.enable_thinking = request.at("reasoning") != "off";
    for (const auto & [name, value] : request.at("variables").items())
        if (name != "bos_token" && name != "eos_token") inputs.chat_template_kwargs[name] = value.dump();
    return inputs;
}

std::vector<Token> tokens_of(const Vocabulary & vocabulary, const std::string & text) {
    std::vector<Token> tokens;
    vocabulary.append_continued(text, vocabulary.fragments(text, {}), tokens);
    return tokens;
}

ReplyRules rules_from(const common_chat_params & params, const Vocabulary & vocabulary,
                      const std::string & begun) {
    ReplyRules rules;
    rules.grammar = params.grammar.empty() ? std::string() : with_whole_characters(params.grammar);
    rules.lazy = params.grammar_lazy;
    for (const auto & trigger : params.grammar_triggers) {
        if (trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD)
            rules.trigger_words.push_back(trigger.value);
        else if (trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN)
            rules.trigger_patterns.push_back(trigger.value);
    }
    rules.before = params.generation_prompt;
    rules.begun = begun;
    rules.thinking_start = params.thinking_start_tag;
    rules.thinking_ends = params.thinking_end_tags;
    if (!rules.thinking_ends.empty()) rules.thinking_close = tokens_of(vocabulary, rules.thinking_ends[0]);
    for (const std::string & text : params.preserved_tokens) {
        const std::vector<Token> tokens = tokens_of(vocabulary, text);
        if (tokens.size() == 1) rules.preserved.push_back(tokens[0]);
    }
    rules.stops = params.additional_stops;
    return rules;
}

} // namespace

struct ChatFormat::Parser {
    common_chat_parser_params params;
};

std::string ChatFormat::parse(const std::string & text, bool partial) const {
    common_chat_msg message;
    try {
        message = common_chat_parse(text, partial, parser_->params);
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) { // It is no reply of this format, or nested too deep.
        message.content = text;
    }
    Json calls = Json::array();
    for (const auto & call : message.tool_calls)
        calls.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
    return Json{{"content", message.content},
                {"reasoning", message.reasoning_content},
                {"toolCalls", std::move(calls)}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct ChatFormats::Engine {
    common_chat_templates_ptr templates;
    bool parallel = true;
};

ChatFormats::ChatFormats(const std::string & source, const std::string & bos, const std::string & eos)
    : engine_(std::make_unique<Engine>()) {
    make_chats_render();
    with_assertions(ErrorCode::template_invalid, "The chat template cannot be parsed", [&] {
        engine_->templates = common_chat_templates_init(nullptr, source, bos, eos);
        engine_->parallel = common_chat_template(source, bos, eos).caps.supports_parallel_tool_calls;
    });
}

ChatFormats::~ChatFormats() = default;

std::shared_ptr<const ChatFormat> ChatFormats::format(const std::string & text, const Vocabulary & vocabulary,
                                                      std::time_t now, const std::atomic<bool> & stop) {
    const std::lock_guard lock(mutex_);
    const auto apply = [&](const common_chat_templates_inputs & inputs) {
        return with_assertions(ErrorCode::template_invalid,
                               "The chat template cannot be applied to these messages and tools",
                               [&] { return common_chat_templates_apply(engine_->templates.get(), inputs); });
    };
    // The template is analysed once, as it is.
    common_chat_templates_inputs any;
    any.messages.resize(1);
    any.messages[0].role = "user";
    any.messages[0].content = "x";
    any.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
    {
        const ChatRenderings renderings(now, &stop);
        apply(any);
    }

    const Json request = Json::parse(text);
    const Json & parallel = request.at("parallelToolCalls");
    auto inputs = inputs_from(request, parallel.is_boolean() ? parallel.get<bool>() : engine_->parallel);
    ChatRenderings renderings(now, &stop);
    const std::string reasoning = request.at("reasoning");
    renderings.own_thinking = reasoning == "auto" && !request.at("variables").contains("enable_thinking");
    renderings.given_tools = Json::parse(common_chat_tools_to_json_oaicompat(inputs.tools).dump());
    renderings.shown_tools = request.at("shownTools");
    const common_chat_params params = apply(inputs);
    if (reasoning == "off" && params.supports_thinking) {
        auto thinking = inputs;
        thinking.enable_thinking = true;
        if (apply(thinking).prompt == params.prompt)
            throw Error(
                ErrorCode::template_invalid,
                "The chat template cannot turn reasoning off (it does not look at enable_thinking); pass "
                "reasoning: { budget: 0 }, which ends it at once, or another template");
    }

    if (!inputs.tools.empty()) {
        // Messages may name the tools, too.
        auto without = inputs;
        without.tools.clear();
        without.tool_choice = COMMON_CHAT_TOOL_CHOICE_NONE;
        const bool named = std::ranges::all_of(inputs.tools, [&](const common_chat_tool & tool) {
            return params.prompt.find(tool.name) != std::string::npos;
        });
        if (!named || apply(without).prompt == params.prompt)
            throw Error(
                ErrorCode::template_invalid,
                "The chat template does not show the model any tools; pass one that does as the option "
                "template, or a model that was made for tools");
    }

    const std::string begun = request.at("begun");
    std::shared_ptr<ChatFormat> format(new ChatFormat());
    format->prompt_ = renderings.marked(params.prompt);
    format->prompt_ += jinja::Text::content(begun);
    format->rules_ = rules_from(params, vocabulary, begun);
    const auto parser = std::make_shared<ChatFormat::Parser>();
    parser->params = common_chat_parser_params(params);
    parser->params.generation_prompt += begun;
    parser->params.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
    if (!params.parser.empty()) parser->params.parser.load(params.parser);
    format->parser_ = parser;
    return format;
}

} // namespace reprise
