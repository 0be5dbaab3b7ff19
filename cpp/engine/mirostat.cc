#include "engine/mirostat.h"

#include <algorithm>
#include <cmath>

namespace reprise {

namespace {

/// Sets the probabilities of all tokens.
void soften(llama_token_data_array & array, float temperature) {
    float highest = array.data[0].logit;
    for (size_t i = 1; i < array.size; ++i) highest = std::max(highest, array.data[i].logit);
    double sum = 0;
    for (size_t i = 0; i < array.size; ++i) {
        // The difference comes first: a tiny temperature would make both terms infinite.
        const double below = (static_cast<double>(array.data[i].logit) - highest) / temperature;
        array.data[i].p = static_cast<float>(std::exp(below));
        sum += array.data[i].p;
    }
    for (size_t i = 0; i < array.size; ++i) array.data[i].p = static_cast<float>(array.data[i].p / sum);
}

} // namespace

void Mirostat::apply(llama_token_data_array & array, float temperature) const {
    soften(array, temperature);
    const llama_token_data best =
        *std::max_element(array.data, array.data + array.size,
                          [](const auto & one, const auto & other) { return one.logit < other.logit; });
    size_t kept = 0;
    for (size_t i = 0; i < array.size; ++i)
        if (!(-std::log2(array.data[i].p) > limit_)) array.data[kept++] = array.data[i];
    if (kept == 0) array.data[kept++] = best;
    array.size = kept;
    soften(array, temperature);
}

void Mirostat::accept(float probability) {
    limit_ -= rate_ * (-std::log2(probability) - target_);
}

} // namespace reprise
