#pragma once

namespace reprise {

/// Whether the rows of rejected drafts are worth scanning for candidates (`draft::Recycling`). The scans
/// may take a hundredth of the time of passes, and beyond that what accepted candidates have saved. About
/// the last hundred passes count.
class ScanBudget {
public:
    bool affords() const { return spent_ <= saved_ + free_share * passes_; }
    /// Milliseconds of a pass, of its scans, and of the passes that recycled candidates spared.
    void observe(double pass_ms, double spent_ms, double saved_ms) {
        passes_ = memory * passes_ + pass_ms;
        spent_ = memory * spent_ + spent_ms;
        saved_ = memory * saved_ + saved_ms;
    }

private:
    static constexpr double free_share = 0.01;
    static constexpr double memory = 0.99;
    double passes_ = 0, spent_ = 0, saved_ = 0;
};

} // namespace reprise
