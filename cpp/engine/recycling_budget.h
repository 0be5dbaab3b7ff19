#pragma once

namespace reprise {

/// Says whether the rows of rejected drafts are worth scanning for candidates (`draft::Recycling`). The scans
/// may take a hundredth of the time of passes, and beyond that as much as accepted candidates have saved.
class RecyclingBudget {
public:
    bool affords() const { return spent_ <= saved_ + free_share * passes_; }
    /// Takes the milliseconds of a pass, of its scans, and of the passes that recycled candidates spared.
    void observe(double pass_ms, double spent_ms, double saved_ms) {
        passes_ = decay * passes_ + pass_ms;
        spent_ = decay * spent_ + spent_ms;
        saved_ = decay * saved_ + saved_ms;
    }

private:
    /// Where no candidate is ever accepted, the scans cost no more than this share of the time. It is not 0,
    /// because only scanned rows tell whether candidates have begun to be accepted.
    static constexpr double free_share = 0.01;
    /// After a hundred passes a pass counts for a third (0.99¹⁰⁰ = 0.37), so the budget follows the text.
    static constexpr double decay = 0.99;
    double passes_ = 0, spent_ = 0, saved_ = 0;
};

} // namespace reprise
