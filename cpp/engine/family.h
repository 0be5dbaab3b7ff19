#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "draft/pass_cost.h"
#include "engine/calibration.h"
#include "engine/context.h"
#include "engine/decode_thread.h"
#include "engine/learnt.h"
#include "engine/members.h"
#include "engine/verify_pass.h"

namespace reprise {

/// A context, its decode thread, and the sessions that share it: forks of one root, whose common prompt is
/// computed and stored once. Each round of the thread computes the next tokens of all prompts and the draft
/// trees of all members that generate in one llama_decode. A pass says what came of it, and the family acts
/// on it.
class Family {
public:
    /// Starts the decode thread, which makes the context; `on_ready` gets the first member. Throws Error
    /// OUT_OF_MEMORY where the system has no thread left.
    Family(std::shared_ptr<Model> model, std::shared_ptr<Learnt> learnt, const ContextOptions & options,
           std::function<void(Member *)> on_ready, OnError on_error);
    /// Aborting what is under way, it waits for the decode thread, and so is never destroyed there.
    ~Family() = default;
    Family(const Family &) = delete;
    Family & operator=(const Family &) = delete;

    /// Runs `work` on the decode thread between two rounds; what it throws goes to `on_error`.
    void post(std::function<void()> work, OnError on_error, std::shared_ptr<Call> call = {}) {
        thread_.post(std::move(work), std::move(on_error), std::move(call));
    }
    /// Gives posted work up, as `DecodeThread::abort` does.
    void abort(const std::shared_ptr<Call> & call) { thread_.abort(call); }

    /// Asks the decode thread to end, as the destructor does, without waiting. Nothing can be asked of the
    /// family after that. Where it is still being made, `on_error` gets Error ABORTED once all of it is
    /// freed.
    void stop() { thread_.stop(); }

    // For work posted to the decode thread.
    /// Makes the member's history equal `tokens`, and computes all of it but the last token.
    void prefill(Member & member, int operation, std::span<const Token> tokens, Prefill prefill);
    void generate(Member & member, int operation, GenerateOptions options, GenerationListener listener);
    void require_idle(const Member & member) const;
    /// Throws Error ABORTED where the caller of the posted work that runs gave it up.
    void require_wanted() const { thread_.require_wanted(); }
    /// Ends what the member is doing, and the member.
    void remove(Member & member);
    Members & members() { return *members_; }
    const Model & model() const { return *model_; }
    Context & context() { return *context_; }
    const draft::PassCost & pass_cost() const { return cost_; }
    /// Whether trial passes have nothing to add to what passes cost.
    bool is_calibrated() const { return calibration_.done(); }

private:
    template <typename Call> void with_errors(Call && call, const OnError & on_error);
    /// Calls `call`; what it throws fails what the members are doing.
    template <typename Call> void or_fail(const std::vector<Member *> & members, Call && call);
    /// Makes the context. Where that fails, all is freed before `on_error` hears of it.
    void begin(const std::function<void(Member *)> & on_ready, const OnError & on_error);
    void make(const std::function<void(Member *)> & on_ready);
    void end();
    std::vector<Member *> busy() const;
    bool should_abort() const;

    /// Takes over what another session of the model has calibrated.
    void adopt_calibration();
    /// Before the session is there: on workers, where a trial that a call ends might cost the connection, and
    /// which have other things to do than what nobody asked for.
    void calibrate_at_once();
    /// Whether trial passes can be computed while no member is busy.
    bool can_calibrate() const;
    void calibrate_while_idle();
    /// After passes that verified drafts: times one more size, where it is a small part of what they took.
    void calibrate_between_passes();
    /// Returns whether a size was timed.
    bool time_a_size(const Member * parent);
    /// Whether another family of this process is at work.
    bool others_work() const { return working_families > (is_counted_ ? 1 : 0); }
    /// Tells other families whether this one is at work.
    void count_work(bool works);

    void step();
    void make_round(std::vector<Member *> members);
    /// Each of these is false where cells that other members count on have gone: the round starts anew.
    bool compute(const std::vector<Member *> & members);
    /// One after another, where they could not be computed together.
    bool compute_alone(const std::vector<Member *> & members);
    /// After a pass whose logits are no numbers: whether it is to be taken as it is.
    bool is_last_try(const std::vector<Member *> & members);
    /// Ends the longest of the members, for whose tokens no cells are left.
    void end_for_want_of_room(const std::vector<Member *> & members);
    void hand_over(Member & member, const Verified & verified);

    void finish(Member & member, FinishReason reason);
    void fail(Member & member, const Error & error);
    void abort(Member & member);
    void end_prefill(Member & member);

    void make_room(Member & member);

    static std::atomic<int> working_families;

    std::shared_ptr<Model> model_;
    std::shared_ptr<Learnt> learnt_;
    ContextOptions options_; ///< Once the context is made, as it took them.

    // The decode thread's own.
    std::optional<WaitForWorkers> waiting_;
    std::unique_ptr<Context> context_;
    std::unique_ptr<DraftContext> drafts_; ///< of the draft model, if there is one
    std::optional<Members> members_;
    std::vector<Member *> in_pass_; ///< The present llama_decode computes their rows.
    draft::PassCost cost_;
    Calibration calibration_;
    bool in_trial_ = false;        ///< The present llama_decode is a trial pass, which may end any time.
    bool verified_drafts_ = false; ///< The present round did, and their number was chosen by costs.
    double drafting_ms_ = 0;       ///< So long such passes took before the calibration was done,
    double between_ms_ = 0;        ///< and trial passes between them.
    bool is_counted_ = false;      ///< in `working_families`
    std::optional<VerifyPass> verify_pass_;

    DecodeThread thread_; ///< The last, since it works with all before.
};

} // namespace reprise
