#pragma once

#include "kernels/panels.h"

namespace reprise::kernels {

/// What there is to know of a type's weights: weight = scale * (value(code) - offset) - min.
/// A code has `low_bits` + `high_bits` bits, which lie in planes of their own. value(code) is the code
/// itself, or what a table of 16 gives for it.
struct PanelType {
    ggml_type type;
    int low_bits = 4;
    int high_bits = 0;
    int offset = 0;
    /// Codes stand for the values of IQ4_NL.
    bool table = false;
    /// Scales are 8 bits wide, relative to one of 256 inputs. Else they are F16, one for 32.
    bool relative = false;
    /// Scales belong to half a block, 16 inputs, instead of a whole one.
    bool half_blocks = false;
    /// Each scale has a min.
    bool min = false;

    // The same type with one thing more. ggml compiles as C++17, which has no designated initialisers.
    constexpr PanelType with_table() const {
        PanelType made = *this;
        made.table = true;
        return made;
    }
    constexpr PanelType with_relative_scales() const {
        PanelType made = *this;
        made.relative = true;
        return made;
    }
    constexpr PanelType with_half_blocks() const {
        PanelType made = *this;
        made.half_blocks = true;
        return made;
    }
    constexpr PanelType with_min() const {
        PanelType made = *this;
        made.min = true;
        return made;
    }

    /// value(code) has 8 bits.
    constexpr bool has_bytes() const { return low_bits == 8 || table; }
    constexpr int inputs() const { return relative ? 256 : block_inputs; }
    constexpr int low_bytes() const { return low_bits * block_inputs * panel_width / 8; }
    constexpr int plane_bytes() const { return (low_bits + high_bits) * block_inputs * panel_width / 8; }
    /// Scales (or mins) in the scale_bytes().
    constexpr int scale_count() const { return relative ? (half_blocks ? 16 : 8) : 0; }
    constexpr int scale_bytes() const { return panel_width * (2 + scale_count()) * (min ? 2 : 1); }
};

// Types in the order of ggml's enumeration: low bits, high bits, offset.
inline constexpr PanelType q4_0{GGML_TYPE_Q4_0, 4, 0, 8};
inline constexpr PanelType q4_1 = PanelType{GGML_TYPE_Q4_1, 4, 0, 0}.with_min();
inline constexpr PanelType q5_0{GGML_TYPE_Q5_0, 4, 1, 16};
inline constexpr PanelType q5_1 = PanelType{GGML_TYPE_Q5_1, 4, 1, 0}.with_min();
inline constexpr PanelType q8_0{GGML_TYPE_Q8_0, 8, 0, 128};
inline constexpr PanelType q2_k =
    PanelType{GGML_TYPE_Q2_K, 2, 0, 0}.with_relative_scales().with_half_blocks().with_min();
inline constexpr PanelType q3_k =
    PanelType{GGML_TYPE_Q3_K, 2, 1, 4}.with_relative_scales().with_half_blocks();
inline constexpr PanelType q4_k = PanelType{GGML_TYPE_Q4_K, 4, 0, 0}.with_relative_scales().with_min();
inline constexpr PanelType q5_k = PanelType{GGML_TYPE_Q5_K, 4, 1, 0}.with_relative_scales().with_min();
inline constexpr PanelType q6_k =
    PanelType{GGML_TYPE_Q6_K, 4, 2, 32}.with_relative_scales().with_half_blocks();
inline constexpr PanelType iq4_nl = PanelType{GGML_TYPE_IQ4_NL, 4, 0, 128}.with_table();
inline constexpr PanelType iq4_xs =
    PanelType{GGML_TYPE_IQ4_XS, 4, 0, 128}.with_table().with_relative_scales();

/// The values of IQ4_NL's and IQ4_XS's codes, plus 128.
inline constexpr uint8_t iq4_values[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                           129, 141, 153, 166, 181, 197, 217, 241};

/// Writes a panel of weights of a type; see PanelFormat::pack.
template <const PanelType & type> void pack_panel(const void * const * rows, int64_t inputs, uint8_t * panel);

} // namespace reprise::kernels
