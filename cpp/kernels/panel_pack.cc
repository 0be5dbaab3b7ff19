#include <cstring>

#include "kernels/panel_types.h"

#define GGML_COMMON_DECL_CPP
#include "ggml-common.h"

namespace reprise::kernels {
namespace {

/// A block of weights without its packing: 32 inputs, or 256 where scales are relative.
struct Unpacked {
    uint8_t codes[256];
    ggml_half d;
    ggml_half d_min;
    int8_t scales[16];
    uint8_t mins[16];
};

/// The negative of a half-precision number.
ggml_half negative(ggml_half value) {
    return static_cast<ggml_half>(value ^ 0x8000);
}

/// 32 codes of 4 bits: the first 16 in the low half of each byte.
void nibbles(const uint8_t * bytes, uint8_t * codes) {
    for (int i = 0; i < 16; ++i) {
        codes[i] = bytes[i] & 15;
        codes[i + 16] = bytes[i] >> 4;
    }
}

void fifth_bits(const uint8_t * bytes, uint8_t * codes) {
    for (int i = 0; i < 32; ++i)
        codes[i] = static_cast<uint8_t>(codes[i] | ((bytes[i / 8] >> (i % 8) & 1) << 4));
}

void unpack(const block_q4_0 & block, Unpacked & to) {
    nibbles(block.qs, to.codes);
    to.d = block.d;
}

void unpack(const block_q4_1 & block, Unpacked & to) {
    nibbles(block.qs, to.codes);
    to.d = block.data.data.d;
    to.d_min = negative(block.data.data.m);
}

void unpack(const block_q5_0 & block, Unpacked & to) {
    nibbles(block.qs, to.codes);
    fifth_bits(block.qh, to.codes);
    to.d = block.d;
}

void unpack(const block_q5_1 & block, Unpacked & to) {
    nibbles(block.qs, to.codes);
    fifth_bits(block.qh, to.codes);
    to.d = block.data.data.d;
    to.d_min = negative(block.data.data.m);
}

void unpack(const block_q8_0 & block, Unpacked & to) {
    for (int i = 0; i < 32; ++i) to.codes[i] = static_cast<uint8_t>(block.qs[i] + 128);
    to.d = block.d;
}

void unpack(const block_iq4_nl & block, Unpacked & to) {
    nibbles(block.qs, to.codes);
    to.d = block.d;
}

/// 256 codes of 2 bits: 32 bytes for 128 of them, the first 32 in the lowest bits.
void pairs_of_bits(const uint8_t * bytes, uint8_t * codes) {
    for (int i = 0; i < 256; ++i) codes[i] = bytes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
}

void unpack(const block_q2_K & block, Unpacked & to) {
    pairs_of_bits(block.qs, to.codes);
    for (int i = 0; i < 16; ++i) {
        to.scales[i] = static_cast<int8_t>(block.scales[i] & 15);
        to.mins[i] = block.scales[i] >> 4;
    }
    to.d = block.data.data.d;
    to.d_min = block.data.data.dmin;
}

void unpack(const block_q3_K & block, Unpacked & to) {
    pairs_of_bits(block.qs, to.codes);
    for (int i = 0; i < 256; ++i)
        to.codes[i] = static_cast<uint8_t>(to.codes[i] | (block.hmask[i % 32] >> (i / 32) & 1) << 2);
    // 6 bits a scale: 4 of them in the first 8 bytes, 2 in the last 4.
    for (int i = 0; i < 16; ++i) {
        const int low = block.scales[i % 8] >> (i / 8 * 4) & 15;
        const int high = block.scales[8 + i % 4] >> (i / 4 * 2) & 3;
        to.scales[i] = static_cast<int8_t>((low | high << 4) - 32);
    }
    to.d = block.d;
}

/// 8 scales and mins of 6 bits each in 12 bytes.
void scales_and_mins(const uint8_t * bytes, Unpacked & to) {
    for (int i = 0; i < 8; ++i) {
        const bool early = i < 4;
        to.scales[i] =
            static_cast<int8_t>(early ? bytes[i] & 63 : (bytes[i + 4] & 15) | (bytes[i - 4] >> 6) << 4);
        to.mins[i] =
            static_cast<uint8_t>(early ? bytes[i + 4] & 63 : bytes[i + 4] >> 4 | (bytes[i] >> 6) << 4);
    }
}

void unpack(const block_q4_K & block, Unpacked & to) {
    for (int i = 0; i < 256; ++i) to.codes[i] = block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 15;
    scales_and_mins(block.scales, to);
    to.d = block.data.data.d;
    to.d_min = block.data.data.dmin;
}

void unpack(const block_q5_K & block, Unpacked & to) {
    for (int i = 0; i < 256; ++i) {
        const int low = block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 15;
        to.codes[i] = static_cast<uint8_t>(low | (block.qh[i % 32] >> (i / 32) & 1) << 4);
    }
    scales_and_mins(block.scales, to);
    to.d = block.data.data.d;
    to.d_min = block.data.data.dmin;
}

void unpack(const block_q6_K & block, Unpacked & to) {
    for (int i = 0; i < 256; ++i) {
        const int low = block.ql[i / 128 * 64 + i % 64] >> (i % 128 / 64 * 4) & 15;
        const int high = block.qh[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
        to.codes[i] = static_cast<uint8_t>(low | high << 4);
    }
    std::memcpy(to.scales, block.scales, sizeof(to.scales));
    to.d = block.d;
}

void unpack(const block_iq4_xs & block, Unpacked & to) {
    for (int i = 0; i < 8; ++i) {
        nibbles(block.qs + 16 * i, to.codes + 32 * i);
        const int low = block.scales_l[i / 2] >> (i % 2 * 4) & 15;
        const int high = block.scales_h >> (2 * i) & 3;
        to.scales[i] = static_cast<int8_t>((low | high << 4) - 32);
    }
    to.d = block.d;
}

/// Four bytes, each with the same value.
constexpr uint32_t in_each_byte(int value) {
    return 0x01010101u * static_cast<uint32_t>(value);
}

/// Adds the codes of one output (0 to 15) to the planes of 32 inputs, which are 0 before: four inputs at a
/// time, which lie side by side there, too. No shift moves a bit out of its byte.
template <const PanelType & type> void add_codes(const uint8_t * codes, int output, uint8_t * planes) {
    for (int four = 0; four < block_inputs / 4; ++four) {
        const int vector = four % 4;    // pairs of fours share bytes: four and four + 4
        const int upper = four / 4 * 4; // bits by which the second four lies higher
        const auto put = [&](uint8_t * plane, int line, uint32_t bits, int shift) {
            uint8_t * const to = plane + 64 * line + 4 * output;
            uint32_t word;
            std::memcpy(&word, to, sizeof(word));
            word |= bits << shift;
            std::memcpy(to, &word, sizeof(word));
        };
        uint32_t word;
        std::memcpy(&word, codes + 4 * four, sizeof(word));
        const uint32_t low = word & in_each_byte((1 << type.low_bits) - 1);
        if constexpr (type.low_bits == 8) put(planes, four, low, 0);
        if constexpr (type.low_bits == 4) put(planes, vector, low, upper);
        if constexpr (type.low_bits == 2) put(planes, vector / 2, low, upper + vector % 2 * 2);
        uint8_t * const high_plane = planes + type.low_bytes();
        const uint32_t high = word >> type.low_bits & in_each_byte(255 >> type.low_bits);
        if constexpr (type.high_bits == 1) put(high_plane, 0, high, upper + vector);
        if constexpr (type.high_bits == 2) put(high_plane, vector / 2, high, upper + vector % 2 * 2);
    }
}

template <const PanelType & type> void put_scales(const Unpacked & block, int output, uint8_t * scales) {
    const auto put_half = [&](ggml_half value) {
        std::memcpy(scales + 2 * output, &value, sizeof(value));
        scales += 2 * panel_width;
    };
    put_half(block.d);
    if (type.min) put_half(block.d_min);
    for (int i = 0; i < type.scale_count(); ++i) {
        scales[output] = static_cast<uint8_t>(block.scales[i]);
        scales += panel_width;
        if (!type.min) continue;
        scales[output] = block.mins[i];
        scales += panel_width;
    }
}

template <const PanelType & type, typename Block>
void pack_blocks(const void * const * rows, int64_t inputs, uint8_t * panel) {
    const int64_t blocks = inputs / type.inputs();
    const int64_t plane_bytes = inputs / block_inputs * type.plane_bytes();
    std::memset(panel, 0, static_cast<size_t>(plane_bytes + blocks * type.scale_bytes()));
    Unpacked unpacked{};
    for (int output = 0; output < panel_width; ++output) {
        if (!rows[output]) continue;
        const Block * const row = static_cast<const Block *>(rows[output]);
        for (int64_t b = 0; b < blocks; ++b) {
            unpack(row[b], unpacked);
            for (int i = 0; i < type.inputs() / block_inputs; ++i)
                add_codes<type>(unpacked.codes + block_inputs * i, output,
                                panel + (b * (type.inputs() / block_inputs) + i) * type.plane_bytes());
            put_scales<type>(unpacked, output, panel + plane_bytes + b * type.scale_bytes());
        }
    }
}

} // namespace

#define PACK_PANEL(type, block)                                                                              \
    template <> void pack_panel<type>(const void * const * rows, int64_t inputs, uint8_t * panel) {          \
        pack_blocks<type, block>(rows, inputs, panel);                                                       \
    }
PACK_PANEL(q4_0, block_q4_0)
PACK_PANEL(q4_1, block_q4_1)
PACK_PANEL(q5_0, block_q5_0)
PACK_PANEL(q5_1, block_q5_1)
PACK_PANEL(q8_0, block_q8_0)
PACK_PANEL(q2_k, block_q2_K)
PACK_PANEL(q3_k, block_q3_K)
PACK_PANEL(q4_k, block_q4_K)
PACK_PANEL(q5_k, block_q5_K)
PACK_PANEL(q6_k, block_q6_K)
PACK_PANEL(iq4_nl, block_iq4_nl)
PACK_PANEL(iq4_xs, block_iq4_xs)
#undef PACK_PANEL

} // namespace reprise::kernels
