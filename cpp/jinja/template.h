#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "jinja/budget.h"
#include "jinja/statements.h"

namespace reprise::jinja {

/// A message of a conversation, in UTF-8.
struct Message {
    std::string role;
    std::string content;
};

/// How a template is given what a message says.
enum class ContentForm {
    text,
    parts ///< A list of one part, {type: 'text', text}.
};

/// A chat template: Jinja as Python's Jinja 3.1 reads it, with what the package transformers gives templates.
class Template {
public:
    /// Throws Failure where it cannot be parsed.
    explicit Template(std::string_view source);

    /// What the template makes of the messages, up to where the assistant's reply begins. The bytes that come
    /// from the messages' contents are content in it. `variables` is a JSON object, whose entries the
    /// template sees as variables beside the messages; `now` is the time that it may tell. Any thread can
    /// call it. Throws Failure.
    Text render(const std::vector<Message> & messages, const std::string & variables, std::time_t now,
                const Limits & limits, ContentForm form = ContentForm::text) const;
    /// What the template makes of a JSON object, whose entries it sees as variables. All texts of `messages`
    /// and `tools` are content. Any thread can call it. Throws Failure.
    Text render(const nlohmann::ordered_json & given, std::time_t now, const Limits & limits) const;

private:
    Text render_scope(const std::function<void(Scope &)> & fill, std::time_t now,
                      const Limits & limits) const;

    Body body_;
};

} // namespace reprise::jinja
