#include "acceptance.h"

#include <algorithm>

namespace reprise::draft {

namespace {
/// Share of greedy answers' tokens that went on as the place of this match length did.
constexpr std::array<float, 12> prior_by_length{0.05f, 0.25f, 0.4f,  0.52f, 0.6f,  0.66f,
                                                0.72f, 0.8f,  0.86f, 0.9f,  0.95f, 0.97f};
constexpr float prior_weight = 12;
constexpr float decay = 0.99f;

int bucket_of(uint32_t length) {
    if (length <= 6) return static_cast<int>(length);
    if (length <= 8) return 7;
    if (length <= 12) return 8;
    if (length <= 16) return 9;
    return length <= 32 ? 10 : 11;
}
} // namespace

int Acceptance::kind_of(const Evidence & evidence) {
    return static_cast<int>(evidence.source) * 12 + bucket_of(evidence.match_length);
}

double Acceptance::probability(const Evidence & evidence) const {
    const Count & count = counts_[kind_of(evidence)];
    const float prior = prior_by_length[bucket_of(evidence.match_length)];
    const float rate = (count.accepted + prior_weight * prior) / (count.tried + prior_weight);
    return std::clamp(rate * evidence.share, 0.001f, 0.995f);
}

void Acceptance::learn(int kind, bool accepted) {
    Count & count = counts_[kind];
    count.tried = count.tried * decay + 1;
    count.accepted = count.accepted * decay + (accepted ? 1.f : 0.f);
}

} // namespace reprise::draft
