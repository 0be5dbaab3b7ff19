#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/budget.h"
#include "jinja/nodes.h"

namespace reprise::jinja {

struct Message {
    std::string role;
    std::string content;
};

/// A chat template: Jinja as Python's Jinja 3.1 reads it, with what the package transformers gives templates.
class Template {
public:
    /// Throws Failure where it cannot be parsed.
    explicit Template(std::string_view source);

    /// What it makes of the messages, whose contents are content in it, up to where the assistant's reply
    /// begins. `variables`: a JSON object. Throws Failure. Any thread can call it.
    Text render(const std::vector<Message> & messages, const std::string & variables, std::time_t now,
                const Limits & limits) const;

private:
    Body body_;
};

} // namespace reprise::jinja
