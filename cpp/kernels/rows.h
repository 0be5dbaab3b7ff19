#pragma once

#include "kernels/panels.h"

namespace reprise::kernels {

/// Copies inputs [first, first + count) of up to `group_rows` rows to a group of floats, to[input][row].
/// `rows[i]`: the inputs of row i, null where the group has fewer rows; the first is there.
void interleave_rows(const float * const * rows, int64_t first, int64_t count, float * to);

/// Rounds inputs [first_block, first_block + blocks) of up to `Rows` rows for a format. `rows[i]`: the inputs
/// of row i, null where the group has fewer rows. `to`: the group's blocks, from the first of the row on.
template <int Rows>
void round_rows(const PanelFormat & format, const float * const * rows, int64_t first_block, int64_t blocks,
                RoundedBlock<Rows> * to);

} // namespace reprise::kernels
