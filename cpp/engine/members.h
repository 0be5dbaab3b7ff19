#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/learnt.h"
#include "engine/member.h"

namespace reprise {

/// The members of a family, and what they share: a context's cells, and the tokens that only one of them has
/// to remember. For the decode thread alone.
class Members {
public:
    /// `searchers` search the members' documents; `drafts` is the draft model's context, or a null pointer.
    Members(Context & context, Learnt & learnt, std::shared_ptr<draft::Searchers> searchers,
            DraftContext * drafts)
        : context_(context), drafts_(drafts), learnt_(learnt), searchers_(std::move(searchers)) {}
    /// Each is remembered.
    ~Members();
    Members(const Members &) = delete;
    Members & operator=(const Members &) = delete;

    /// The first member, which starts from what earlier sessions have learnt. Throws Error
    /// SEQUENCES_EXHAUSTED.
    Member & add();
    /// A member with the parent's history and cells. Throws Error SEQUENCES_EXHAUSTED.
    Member & fork(const Member & parent);
    void remove(Member & member);
    /// Those that generate or compute a prompt.
    std::vector<Member *> busy() const;
    /// The one with the most tokens in the cache; a null pointer where none has any.
    const Member * deepest() const;

    /// Makes a member's history equal `tokens`. Throws Error PROMPT_EMPTY, OPTION_INVALID, CONTEXT_OVERFLOW.
    void replace(Member & member, std::span<const Token> tokens);
    /// Cuts a member's history to `length` tokens.
    void truncate(Member & member, int length);
    /// Reads a member's history from a file that `save_state` wrote.
    void load(Member & member, const std::string & path, const std::function<void()> & require_wanted);
    /// Forgets half of a member's history, the oldest but for the first tokens.
    void shift(Member & member);

    /// Finds cells for members that had no room for them, the `working` ones, for one more try. Where a
    /// window's cache is pruned, cells that are shared are in the way: one of the members that share them is
    /// computed again. Where the context may shift, it takes the cells of idle members, whose histories are
    /// computed again when they are needed, or else shifts the longest member that generates. False when
    /// there is nothing left to take.
    bool free_cells(std::span<Member * const> working);
    /// Whether a device may search the members' documents. It is given up where it fails.
    bool have_text_device() const { return searchers_->device != nullptr; }
    /// Zeros all cells of the cache; every member's are to be computed again.
    void forget_cells();

private:
    bool unshare_cells();
    /// The member keeps its first `length` tokens alone: its forks have to remember the others themselves.
    void unshare(Member & member, int length);
    /// Adds what the member holds to the corpus, where there is one: later sessions draft from it.
    void remember(Member & member);

    Context & context_;
    DraftContext * drafts_;
    Learnt & learnt_;
    std::shared_ptr<draft::Searchers> searchers_;
    std::vector<std::unique_ptr<Member>> members_;
};

} // namespace reprise
