#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "draft/drafter.h"
#include "engine/draft_sequence.h"
#include "engine/generation.h"
#include "engine/recycling_budget.h"
#include "engine/sequence.h"
#include "engine/top_logits.h"
#include "engine/with_errors.h"

namespace reprise {

/// A prompt that is computed for later: nothing is generated after it.
struct Prefill {
    std::function<void(int done, int total)> on_progress;
    std::function<void(int reused)> on_done;
    OnError on_error;
    int total = 0;  ///< So many tokens were to be computed when it began,
    int reused = 0; ///< and so many were in the cache.
};

/// One sequence of a family and what it is doing. Touched by the decode thread alone, but for
/// `aborted_up_to`.
///
/// Sequence and drafter hold the same tokens. What changes them is here, so that they change together.
struct Member {
    /// `drafts` is the draft model's context, or a null pointer.
    explicit Member(Context & context, DraftContext * drafts = nullptr)
        : sequence(context), draft_sequence(drafts ? std::make_unique<DraftSequence>(*drafts) : nullptr) {}
    /// A fork, with all of its parent's history.
    explicit Member(const Member & parent);

    /// Makes the history equal `tokens`, whose images are `images`. Returns how many were its beginning
    /// already.
    int replace(std::span<const Token> tokens, ImageSpans images = {});
    /// Takes tokens that were generated.
    void append(std::span<const Token> generated);
    void truncate(int length);
    /// Lets the drafter know what the model ranks highest after a token.
    void recycle(Token after, const TopLogits & top);
    /// Forgets half of the history, the oldest but for the first `keep` tokens.
    void shift(int keep);
    /// Reads the history from a file that `save_state` wrote.
    void load(Context & context, const std::string & path, const std::function<void()> & require_wanted);

    /// Starts to compute a prompt, or to generate after the history.
    void begin(int operation_number, Prefill started);
    void begin(int operation_number, std::unique_ptr<Generation> started);

    bool is_busy() const { return generation || prefill; }
    bool aborted() const { return aborted_up_to.load() >= operation; }
    /// Whether prompt tokens are to be computed before drafts can be verified.
    bool in_prompt() const { return prefill || sequence.pending() > 1 || alone; }
    /// Tokens that are to be computed now: a generation needs the logits of the last, a prefill does not. An
    /// image at the end waits for the text behind it.
    int to_compute() const {
        if (!prefill) return sequence.pending();
        return std::max(0, sequence.images().outside(sequence.length() - 1) - sequence.cached());
    }

    /// What drafts forgets the text from the token at `index` on.
    void forget_drafts_from(int index);
    /// Whether a draft head is to have the hidden states of each pass.
    bool has_head() const { return draft_sequence && draft_sequence->reads_target(); }

    Sequence sequence;
    draft::Drafter drafter;
    /// What a draft model has computed of it, if there is one.
    std::unique_ptr<DraftSequence> draft_sequence;
    /// What is under way: one of them at most.
    std::unique_ptr<Generation> generation;
    std::unique_ptr<Prefill> prefill;
    /// Operations are numbered from 1; all up to this one are to end.
    std::atomic<int> aborted_up_to = 0;
    int operation = 0; ///< The number of the one under way.

    const Member * parent = nullptr; ///< This one remembers what both share.
    int shared = 0;                  ///< The first tokens of the history, which are its parent's.

    int prompt_total = 0;        ///< So many tokens were to be computed when the generation began.
    std::vector<Token> recycled; ///< The generation has learnt the candidates after these.
    /// What the drafter knew when the generation began.
    draft::Acceptance::LogOddsBias log_odds_bias_before{};
    RecyclingBudget scans;
    bool spoilt = false; ///< Its logits were no numbers, and its cells are computed once more.
    /// A pass that it shared gave no numbers: its last token is computed like a prompt's, in a pass of its
    /// own.
    bool alone = false;
};

} // namespace reprise
