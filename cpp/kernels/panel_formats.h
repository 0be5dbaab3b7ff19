#pragma once

#include "kernels/panel_types.h"

namespace reprise::kernels {

/// The format of a type whose tiles are Tiles::compute<Rows, Group>, for up to Tiles::max_rows rows (8 or
/// 12).
template <const PanelType & type, typename Tiles> PanelFormat rounded_format() {
    static_assert(Tiles::max_rows == 8 || (Tiles::max_rows == 12 && max_rows == 12));
    PanelFormat made{};
    made.type = type.type;
    made.inputs = type.inputs();
    made.plane_bytes = type.plane_bytes();
    made.scale_bytes = type.scale_bytes();
    made.offset = type.offset;
    made.half_blocks = type.half_blocks;
    made.pack = pack_panel<type>;
    made.single.compute = Tiles::template compute<1, 1>;
    Tile * const tiles = made.tiles;
    tiles[0].compute = Tiles::template compute<1, group_rows>;
    tiles[1].compute = Tiles::template compute<2, group_rows>;
    tiles[2].compute = tiles[3].compute = Tiles::template compute<4, group_rows>;
    tiles[4].compute = tiles[5].compute = Tiles::template compute<6, group_rows>;
    tiles[6].compute = tiles[7].compute = Tiles::template compute<8, group_rows>;
    if constexpr (Tiles::max_rows == 12)
        for (int rows = 9; rows <= 12; ++rows)
            tiles[rows - 1].compute = Tiles::template compute<12, group_rows>;
    return made;
}

/// The format of a type with the tiles Tiles<type>; null for types that have none.
template <template <const PanelType &> class Tiles> const PanelFormat * find_rounded_format(ggml_type type) {
    static const PanelFormat formats[] = {
        rounded_format<q4_0, Tiles<q4_0>>(),     rounded_format<q4_1, Tiles<q4_1>>(),
        rounded_format<q5_0, Tiles<q5_0>>(),     rounded_format<q5_1, Tiles<q5_1>>(),
        rounded_format<q8_0, Tiles<q8_0>>(),     rounded_format<q2_k, Tiles<q2_k>>(),
        rounded_format<q3_k, Tiles<q3_k>>(),     rounded_format<q4_k, Tiles<q4_k>>(),
        rounded_format<q5_k, Tiles<q5_k>>(),     rounded_format<q6_k, Tiles<q6_k>>(),
        rounded_format<iq4_nl, Tiles<iq4_nl>>(), rounded_format<iq4_xs, Tiles<iq4_xs>>()};
    for (const PanelFormat & one : formats)
        if (one.type == type) return &one;
    return nullptr;
}

} // namespace reprise::kernels
