#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "draft/pass_cost.h"
#include "engine/context.h"
#include "engine/decode_thread.h"
#include "engine/learnt.h"
#include "engine/member.h"
#include "engine/prompt_pass.h"
#include "engine/stopwatch.h"
#include "engine/verify_pass.h"

namespace reprise {

/// A context, its decode thread, and the sessions that share it: forks of one root, whose common prompt is
/// computed and stored once. Each round of the thread computes the next tokens of all prompts in one
/// llama_decode, and the draft trees of all members that generate in another. A pass says what came of it,
/// and the family acts on it.
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
    void post(std::function<void()> work, OnError on_error) {
        thread_.post(std::move(work), std::move(on_error));
    }

    // For work posted to the decode thread.
    /// Makes the member's history equal `tokens`, and computes all of it but the last token.
    void prefill(Member & member, int operation, std::span<const Token> tokens, Prefill prefill);
    void generate(Member & member, int operation, GenerateOptions options, GenerationListener listener);
    void require_idle(const Member & member) const;
    Member & fork(const Member & parent);
    void remove(Member * member);
    /// Cuts the member's history to `length` tokens.
    void truncate(Member & member, int length);
    /// Reads the history from a file that `save_state` wrote.
    void load(Member & member, const std::string & path);
    Context & context() { return *context_; }
    const draft::PassCost & pass_cost() const { return cost_; }

private:
    template <typename Call> void with_errors(Call && call, const OnError & on_error);
    void begin(const std::function<void(Member *)> & on_ready);
    void end();
    bool time_passes();
    void replace_history(Member & member, std::span<const Token> tokens);
    std::vector<Member *> busy() const;
    bool should_abort() const;

    void step();
    void make_round();
    void compute_prompts();
    void compute_prompts(const std::vector<Member *> & members);
    /// One after another, where they could not be computed together.
    void compute_alone(const std::vector<Member *> & members);
    void take_prompt(const PromptPass::Rows & rows, const Stopwatch & watch);
    void verify_drafts();
    /// False where the round is to start anew.
    bool verify_drafts(const std::vector<Member *> & members);
    bool verify(const std::vector<Member *> & members);
    void hand_over(Member & member, const Verified & verified);

    void finish(Member & member, FinishReason reason);
    void fail(Member & member, const Error & error);
    void abort(Member & member);
    /// Ends a prefill that has nothing left to compute.
    void end_if_computed(Member & member);

    bool make_room(Member & member);
    void shift(Member & member);
    /// Finds cells for those that had no room, for one more try. Where a window's cache is pruned, cells that
    /// are shared are in the way: one of the members that share them is computed again. Where the context may
    /// shift, it takes the cells of idle members, whose histories are computed again when they are needed, or
    /// else shifts the longest member that generates. False when there is nothing left to take.
    bool free_cells();
    bool unshare_cells();
    /// Whether the row's logits are no numbers.
    bool is_spoilt(int row) const;
    /// Zeros all cells of the cache; every member's are to be computed again.
    void forget_cells();

    /// Lets later sessions draft from what the member holds, where the model has a memory for that.
    void remember(Member & member);
    /// The member keeps its first `length` tokens alone: its forks have to remember the others themselves.
    void unshare(Member & member, int length);

    std::shared_ptr<Model> model_;
    std::shared_ptr<Learnt> learnt_;
    ContextOptions options_; ///< once the context is made: as it took them

    // The decode thread's own.
    std::unique_ptr<Context> context_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Member *> in_pass_; ///< whose rows the present llama_decode computes
    draft::PassCost cost_;
    std::optional<PromptPass> prompt_pass_;
    std::optional<VerifyPass> verify_pass_;

    DecodeThread thread_; ///< The last, since it works with all before.
};

} // namespace reprise
