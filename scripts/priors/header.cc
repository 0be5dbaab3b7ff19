#include "priors/header.h"

#include <cstdio>
#include <span>

namespace reprise::priors {

using draft::Network;

namespace {

std::string literal(float value) {
    char text[32];
    std::snprintf(text, sizeof text, "%#.5gf", value);
    return text;
}

std::string literal(std::span<const float> values) {
    std::string text = "    {";
    for (size_t i = 0; i < values.size(); ++i)
        text += (i == 0 ? "" : i % 8 == 0 ? ",\n     " : ", ") + literal(values[i]);
    return text + "},\n";
}

} // namespace

std::string header_of(const Network & network) {
    std::string text = "#pragma once\n\n// Written by scripts/priors.\n\n#include \"draft/acceptance.h\"\n\n"
                       "namespace reprise::draft {\n\ninline constexpr Network shipped_network{\n    {\n";
    for (const auto & weights : network.weights) text += literal(weights);
    text += "    },\n" + literal(network.bias) + literal(network.output);
    return text + "    " + literal(network.output_bias) + "};\n\n} // namespace reprise::draft\n";
}

} // namespace reprise::priors
