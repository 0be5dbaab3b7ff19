#include "jinja/template.h"

#include <nlohmann/json.hpp> // llama.cpp carries it.

#include "jinja/globals.h"
#include "jinja/json.h"
#include "jinja/parser.h"

namespace reprise::jinja {

namespace {

/// How many copies of what it is given a template may make beside the limit of bytes, which is for short
/// texts: each filter, method and output of a content makes a copy.
constexpr size_t max_copies = 64;

} // namespace

Template::Template(std::string_view source) : body_(parse(source)) {}

Text Template::render(const std::vector<Message> & messages, const std::string & variables, std::time_t now,
                      const Limits & given, ContentForm form) const {
    Limits limits = given;
    limits.bytes += max_copies * variables.size();
    for (const Message & message : messages) limits.bytes += max_copies * message.content.size();
    const auto fill = [&](Scope & scope) {
        std::vector<Value> list;
        for (const Message & message : messages) {
            Value content = Text::content(message.content);
            if (form == ContentForm::parts)
                content = Value::list({Value::dict({{"type", Text("text")}, {"text", std::move(content)}})});
            list.push_back(Value::dict({{"role", Text(message.role)}, {"content", std::move(content)}}));
        }
        const auto others = nlohmann::ordered_json::parse(variables);
        for (const auto & [name, value] : others.items()) scope.set(name, from_json(value));
        scope.set("messages", Value::list(std::move(list)));
        scope.set("add_generation_prompt", true);
    };
    return render_scope(fill, now, limits);
}

Text Template::render(const nlohmann::ordered_json & variables, std::time_t now, const Limits & given) const {
    Limits limits = given;
    size_t bytes = 0;
    for (const auto & value : variables) bytes += value.dump().size();
    limits.bytes += max_copies * bytes;
    const auto fill = [&](Scope & scope) {
        scope.set("add_generation_prompt", false);
        for (const auto & [name, value] : variables.items())
            scope.set(name, from_json(value, name == "messages" || name == "tools"));
    };
    return render_scope(fill, now, limits);
}

Text Template::render_scope(const std::function<void(Scope &)> & fill, std::time_t now,
                            const Limits & limits) const {
    const Budget budget(limits);
    Rendering rendering(now);
    const auto globals = std::make_shared<Scope>(nullptr);
    define_globals(rendering, globals);
    rendering.keep(globals);
    const auto scope = std::make_shared<Scope>(globals);
    rendering.keep(scope);
    scope->set("tools", None{});
    scope->set("documents", None{});
    fill(*scope);

    Frame frame{rendering, scope};
    Text out;
    execute_all(body_, frame, out);
    return out;
}

} // namespace reprise::jinja
