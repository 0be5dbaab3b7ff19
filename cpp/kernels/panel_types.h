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
    /// Scales belong to 16 inputs instead of 32.
    bool halves = false;
    bool min = false;

    /// value(code) has 8 bits.
    constexpr bool has_bytes() const { return low_bits == 8 || table; }
    constexpr int inputs() const { return relative ? 256 : block_inputs; }
    constexpr int low_bytes() const { return low_bits * block_inputs * panel_width / 8; }
    constexpr int plane_bytes() const { return (low_bits + high_bits) * block_inputs * panel_width / 8; }
    /// Scales (or mins) in the scale_bytes().
    constexpr int scale_count() const { return relative ? (halves ? 16 : 8) : 0; }
    constexpr int scale_bytes() const { return panel_width * (2 + scale_count()) * (min ? 2 : 1); }
};

// Types in the order of ggml's enumeration.
inline constexpr PanelType q4_0{GGML_TYPE_Q4_0, 4, 0, 8};
inline constexpr PanelType q4_1{GGML_TYPE_Q4_1, 4, 0, 0, false, false, false, true};
inline constexpr PanelType q5_0{GGML_TYPE_Q5_0, 4, 1, 16};
inline constexpr PanelType q5_1{GGML_TYPE_Q5_1, 4, 1, 0, false, false, false, true};
inline constexpr PanelType q8_0{GGML_TYPE_Q8_0, 8, 0, 128};
inline constexpr PanelType q2_k{GGML_TYPE_Q2_K, 2, 0, 0, false, true, true, true};
inline constexpr PanelType q3_k{GGML_TYPE_Q3_K, 2, 1, 4, false, true, true, false};
inline constexpr PanelType q4_k{GGML_TYPE_Q4_K, 4, 0, 0, false, true, false, true};
inline constexpr PanelType q5_k{GGML_TYPE_Q5_K, 4, 1, 0, false, true, false, true};
inline constexpr PanelType q6_k{GGML_TYPE_Q6_K, 4, 2, 32, false, true, true, false};
inline constexpr PanelType iq4_nl{GGML_TYPE_IQ4_NL, 4, 0, 128, true};
inline constexpr PanelType iq4_xs{GGML_TYPE_IQ4_XS, 4, 0, 128, true, true};

/// The values of IQ4_NL's and IQ4_XS's codes, plus 128.
inline constexpr uint8_t iq4_values[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                           129, 141, 153, 166, 181, 197, 217, 241};

/// Writes a panel of weights of a type; see PanelFormat::pack.
template <const PanelType & type> void pack_panel(const void * const * rows, int64_t inputs, uint8_t * panel);

} // namespace reprise::kernels
