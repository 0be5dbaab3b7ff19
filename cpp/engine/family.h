#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "draft/drafter.h"
#include "draft/pass_cost.h"
#include "engine/context.h"
#include "engine/decode_thread.h"
#include "engine/generation.h"
#include "engine/learnt.h"
#include "engine/scan_budget.h"
#include "engine/sequence.h"
#include "engine/stopwatch.h"
#include "engine/tree_rows.h"

namespace reprise {

/// One sequence of a family and what it is doing. Touched by the decode thread alone, but for `abort`.
struct Member {
    Member(Context & context) : sequence(context) {}
    Member(const Member & parent, int length)
        : sequence(parent.sequence, length), drafter(parent.drafter), parent(&parent), shared(length),
          scans(parent.scans) {}

    Sequence sequence;
    draft::Drafter drafter;
    std::unique_ptr<Generation> generation;
    /// Operations are numbered from 1; all up to this one are to end.
    std::atomic<int> aborted_up_to = 0;
    int operation = 0; ///< the one under way
    bool aborted() const { return aborted_up_to.load() >= operation; }
    const Member * parent = nullptr;           ///< who is to remember what it shares
    int shared = 0;                            ///< tokens that are its parent's
    std::vector<Token> recycled;               ///< whose candidates the generation has learnt
    int prefill_total = 0;                     ///< tokens to compute when the generation began
    draft::Acceptance::Shifts shifts_before{}; ///< when the generation began
    ScanBudget scans;
    bool spoilt = false; ///< its logits were no numbers, and its cells are computed once more
    bool alone = false; ///< a pass that it shared gave no numbers: its last token is computed like a prompt's
    bool in_prompt() const { return sequence.pending() > 1 || alone; }
};

/// A context, its decode thread, and the sessions that share it: forks of one root, whose common
/// prompt is computed and stored once. Each round of the thread makes one llama_decode of every member
/// that is generating: their draft trees, grown over one row budget, and prompts being prefilled.
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
    void generate(Member & member, int operation, GenerateOptions options, GenerationListener listener);
    void replace_history(Member & member, std::span<const Token> tokens);
    void require_idle(const Member & member) const;
    Member & fork(const Member & parent);
    void remove(Member * member);
    /// Cuts the member's history to `length` tokens.
    void truncate(Member & member, int length);
    /// Reads the history from a file that `save_state` wrote.
    void load(Member & member, const std::string & path);
    Context & context() { return *context_; }
    const draft::PassCost & pass_cost() const { return cost_; }
    /// Computes all pending tokens but the last. False when aborted.
    bool prefill(Member & member, int operation, const std::function<void(int, int)> & on_progress);

private:
    struct Verified {
        std::vector<Token> said;
        std::optional<FinishReason> end;
        std::optional<Error> failure; ///< of the draw after them
        int recycled = 0;             ///< accepted tokens that were drafted from recycled candidates
    };

    void begin(const std::function<void(Member *)> & on_ready);
    void end();
    template <typename Call> void with_errors(Call && call, const OnError & on_error);
    bool time_passes();
    std::vector<Member *> generating() const;
    void step();
    void make_round();
    bool make_room(Member & member);
    void shift(Member & member);
    /// Finds cells for those that had no room, for one more try. Where a window's cache is pruned, cells that
    /// are shared are in the way: one of the members that share them is computed again. Where the context may
    /// shift, it takes the cells of idle members, whose histories are computed again when they are needed, or
    /// else shifts the longest member that generates. False when there is nothing left to take.
    bool free_cells();
    bool unshare_cells();
    bool prefill_pending(Member & member, const std::function<void(int, int)> & on_progress);
    /// Makes the batch the sequence's next `rows` pending tokens.
    void batch_pending(const Sequence & sequence, int rows, bool last_is_output);
    void prefill_chunk(Member & member);
    /// Grows the members' trees and computes them. False where the round is to start anew.
    bool verify(const std::vector<Member *> & members);
    /// Members whose trees one llama_decode can compute.
    std::vector<std::vector<Member *>> passes(const std::vector<Member *> & members) const;
    /// For BusyTime.
    int threads_to_watch(const std::vector<Member *> & members) const;
    /// Computes the members' trees and commits what comes of them. False where the round is to start anew.
    bool verify_pass(const std::vector<Member *> & members, const Stopwatch & watch, double draft_ms);
    void grow_trees(const std::vector<Member *> & members);
    DecodeStatus decode_trees(const std::vector<Member *> & members, bool with_drafts);
    /// Samples and matches: commits what the sampler drew from the tree's logits, for as long as a node of
    /// the tree holds it, and keeps just those tokens' cells.
    Verified take_verified(Member & member, const TreeRows & rows, const draft::DraftTree & tree);
    /// Gives the drafter what the model would have said after the drafts it did not say, where that is worth
    /// its time. Returns the milliseconds it took.
    double recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified);
    /// What a pass cost all its members.
    struct PassTimes {
        double draft_ms;
        double compute_ms;
        double plain_ms; ///< a member's share of a pass without drafts
        int rows;
        int members;
    };
    void take_pass(Member & member, const TreeRows & rows, const PassTimes & times, const Stopwatch & watch);
    void hand_over(Member & member, const Verified & verified);
    void finish(Member & member, FinishReason reason);
    /// Lets later sessions draft from what the member holds, where the model has a memory for that.
    void remember(Member & member);
    /// The member keeps its first `length` tokens alone: its forks have to remember the others themselves.
    void unshare(Member & member, int length);
    void recycle(Member & member, Token after, const TopLogits & top);
    void fail(Member & member, const Error & error);
    bool should_abort() const;
    /// Whether the row's logits are no numbers.
    bool is_spoilt(int row) const;
    /// Zeros all cells of the cache; every member's are to be computed again.
    void forget_cells();

    std::shared_ptr<Model> model_;
    std::shared_ptr<Learnt> learnt_;
    ContextOptions options_; ///< once the context is made: as it took them

    // The decode thread's own.
    std::unique_ptr<Context> context_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Member *> in_pass_; ///< whose rows the present llama_decode computes
    draft::PassCost cost_;
    Batch batch_;
    std::vector<TreeRows> tree_rows_; ///< of the present pass, in its members' order

    DecodeThread thread_; ///< The last, since it works with all before.
};

} // namespace reprise
