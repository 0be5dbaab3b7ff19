#pragma once

#include "evidence.h"
#include "recycling.h"
#include "token.h"

#include <array>
#include <cstdint>

namespace reprise::draft {

/// A network of one hidden layer: its weights are the priors that ship
/// (`priors_data.h`, fitted by scripts/priors).
struct Network {
    static constexpr int inputs = Evidence::feature_count;
    static constexpr int hidden = 32;
    float weights[inputs][hidden]; ///< By input first, so that inputs of 0 cost nothing.
    float bias[hidden];
    float output[hidden];
    float output_bias;

    /// The priors that ship.
    static const Network & shipped();

    using Units = std::array<float, hidden>;
    /// What all options of a node have in common, computed once.
    Units of_node(const Evidence & evidence) const;
    /// Log-odds.
    float operator()(const Units & node, const Evidence & evidence) const;
};

/// Probability that a draft token is accepted, given that its parent was: a
/// prior from its evidence, shifted online, for each kind of evidence, towards
/// what the model at hand accepts. The shift follows the gradient of the log
/// loss and fades, so that old outcomes count less.
class Acceptance {
public:
    static constexpr int recycled_kinds = Recycling::kind_count;
    /// Match lengths 0, 1, 2, 3-6, 7-16 and more.
    static constexpr int length_kinds = 6;
    /// Kinds: match lengths in the conversation, the same in each sort of
    /// document, then candidates of `Recycling` by their own kinds. Documents are
    /// apart since how much of them is said again differs from user to user, and the
    /// priors were fitted without.
    static constexpr int kind_count = 4 * length_kinds + recycled_kinds;

    /// What was learnt online: log-odds by kind.
    using Shifts = std::array<float, kind_count>;

    explicit Acceptance(const Network & prior) : prior_(&prior) {}

    static int kind_of(const Evidence & evidence, Source source);
    static int kind_of_recycled(int kind) { return 4 * length_kinds + kind; }
    Network::Units of_node(const Evidence & evidence) const { return prior_->of_node(evidence); }
    /// `node` is what `of_node` made of it, or of the evidence for another option of the same node.
    double probability(const Network::Units & node, const Evidence & evidence, int kind) const;
    /// Of a candidate of `Recycling`, where no place speaks for it.
    double recycled(int kind) const;
    /// The outcome for a token of a kind that was given a probability.
    void learn(int kind, double probability, bool accepted);

    const Shifts & shifts() const { return shift_; }
    void start_from(const Shifts & shifts) { shift_ = shifts; }

private:
    const Network * prior_;
    Shifts shift_{};
};

} // namespace reprise::draft
