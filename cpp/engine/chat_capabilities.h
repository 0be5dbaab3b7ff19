#pragma once

#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "jinja/caps.h" // of llama.cpp's common/

namespace reprise {

/// What a chat template can, told by what it makes of words that stand nowhere else. `render` gives its text
/// for these variables and throws where the template refuses them.
::jinja::caps chat_capabilities(const std::function<std::string(const nlohmann::ordered_json &)> & render);

} // namespace reprise
