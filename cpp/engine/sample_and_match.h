#pragma once

#include <optional>
#include <vector>

#include "engine/member.h"
#include "engine/tree_rows.h"

namespace reprise {

/// What the logits of a pass gave a member.
struct Verified {
    std::vector<Token> tokens; ///< They are committed to the generation, but not yet to the member's history.
    std::optional<FinishReason> end;
    std::optional<Error> failure; ///< The draw after them failed.
    int node = -1;                ///< The row of this node of the tree gave the last of them; -1: the root.
    bool ended_within = false;    ///< No row gave a token after the last one.
    int recycled = 0;             ///< So many of them were drafted from recycled candidates.
};

/// Sample and match: commits what the sampler draws from the logits of the tree's rows, from the root on, for
/// as long as a node of the tree holds it. Counts the drafts. The sampler asks the grammar at each row, after
/// the rows before it were committed: so drafts and a grammar need to know nothing of each other. Throws only
/// for want of memory.
Verified sample_and_match(Context & context, Member & member, const TreeRows & rows,
                          const draft::DraftTree & tree);

/// Gives a draft head the hidden states of the root and of the drafts that were accepted, before those are
/// added to the member's history.
void give_hidden_rows(Member & member, const TreeRows & rows, const draft::DraftTree & tree,
                      const Verified & verified);

/// Keeps the cells of the tokens alone, which were added to the member's history.
void keep_cells(Member & member, const TreeRows & rows, const draft::DraftTree & tree,
                const Verified & verified);

} // namespace reprise
