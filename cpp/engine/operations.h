#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/family.h"

namespace reprise {

struct SessionPlacement {
    Placement where;
    DeviceFeatures features;
};

// What can be asked of a member between two rounds, on the decode thread. Most throw Error SESSION_BUSY while
// the member generates or computes a prompt.

/// Cuts the history to `length` tokens. Throws Error OPTION_INVALID where it has fewer.
void rollback(Family & family, Member & member, int length);
/// Adds a member with the same history and cells to the family. Throws Error SEQUENCES_EXHAUSTED.
Member * fork(Family & family, Member & member);
/// Adds a text to draft from; beyond `reference_tokens` of the context's options the oldest are forgotten. A
/// busy member takes it, too.
void add_reference(Family & family, Member & member, std::span<const Token> tokens);
/// Writes history and cells to a file. Throws Error STATE_IO, and ABORTED where it was given up before the
/// file was begun.
void save(Family & family, Member & member, const std::string & path);
/// Takes history and cells from such a file. Throws Error STATE_IO, STATE_MISMATCH, CONTEXT_OVERFLOW, and
/// ABORTED where it was given up before the session changed.
void load(Family & family, Member & member, const std::string & path);
/// Where the member's model and context are. The buffers of a pass grow as passes do.
SessionPlacement placement(Family & family, Member & member);
/// What verify passes of some sizes take at the member's present depth.
std::vector<draft::PassTime> cost_table(const Family & family, const Member & member);

} // namespace reprise
