#include <algorithm>
#include <cstring>
#include <type_traits>

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

/// The fifth bits of eight codes, for each byte that may hold them: a code's bit by itself takes as long as
/// all else.
struct FifthBits {
    uint8_t of[256][8];
    constexpr FifthBits() : of() {
        for (int byte = 0; byte < 256; ++byte)
            for (int i = 0; i < 8; ++i) of[byte][i] = static_cast<uint8_t>((byte >> i & 1) << 4);
    }
};
constexpr FifthBits fifth{};

void fifth_bits(const uint8_t * bytes, uint8_t * codes) {
    for (int byte = 0; byte < 4; ++byte)
        for (int i = 0; i < 8; ++i) codes[8 * byte + i] |= fifth.of[bytes[byte]][i];
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

// Codes of 256 inputs are unpacked 32 at a time from 32 bytes beside each other, at the same bits of each:
// loops that a compiler makes vectors of.

/// Calls `unpack_32(k)` for each of the eight parts of 256 inputs.
template <typename Unpack> void in_eight_parts(const Unpack & unpack_32) {
    for (int part = 0; part < 8; ++part) unpack_32(part);
}

/// 256 codes of 2 bits: 32 bytes for 128 of them, the first 32 in the lowest bits.
void pairs_of_bits(const uint8_t * bytes, uint8_t * codes) {
    in_eight_parts([&](int part) {
        const uint8_t * const from = bytes + part / 4 * 32;
        for (int i = 0; i < 32; ++i) codes[32 * part + i] = from[i] >> (part % 4 * 2) & 3;
    });
}

/// 256 codes of 4 bits: 32 bytes for 64 of them, the first 32 in the low bits.
void halves_of_bytes(const uint8_t * bytes, uint8_t * codes) {
    in_eight_parts([&](int part) {
        const uint8_t * const from = bytes + part / 2 * 32;
        for (int i = 0; i < 32; ++i) codes[32 * part + i] = from[i] >> (part % 2 * 4) & 15;
    });
}

/// One bit more for each of 256 codes, above `bits`: of 32 bytes, each part has a bit of its own.
void add_high_bits(const uint8_t * bytes, int bits, uint8_t * codes) {
    in_eight_parts([&](int part) {
        for (int i = 0; i < 32; ++i)
            codes[32 * part + i] =
                static_cast<uint8_t>(codes[32 * part + i] | (bytes[i] >> part & 1) << bits);
    });
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
    add_high_bits(block.hmask, 2, to.codes);
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
    halves_of_bytes(block.qs, to.codes);
    scales_and_mins(block.scales, to);
    to.d = block.data.data.d;
    to.d_min = block.data.data.dmin;
}

void unpack(const block_q5_K & block, Unpacked & to) {
    halves_of_bytes(block.qs, to.codes);
    add_high_bits(block.qh, 4, to.codes);
    scales_and_mins(block.scales, to);
    to.d = block.data.data.d;
    to.d_min = block.data.data.dmin;
}

void unpack(const block_q6_K & block, Unpacked & to) {
    in_eight_parts([&](int part) {
        const uint8_t * const low = block.ql + part / 4 * 64 + part % 2 * 32;
        const uint8_t * const high = block.qh + part / 4 * 32;
        for (int i = 0; i < 32; ++i)
            to.codes[32 * part + i] = static_cast<uint8_t>((low[i] >> (part % 4 / 2 * 4) & 15) |
                                                           (high[i] >> (part % 4 * 2) & 3) << 4);
    });
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

/// Puts the codes of one output (0 to 15) into the planes of 32 inputs: four inputs at a time, which lie side
/// by side there, too. No shift moves a bit out of its byte.
template <const PanelType & type> void put_codes(const uint8_t * codes, int output, uint8_t * planes) {
    uint32_t fours[block_inputs / 4];
    std::memcpy(fours, codes, sizeof(fours));
    const auto low = [&](int four) { return fours[four] & in_each_byte((1 << type.low_bits) - 1); };
    const auto high = [&](int four) {
        return fours[four] >> type.low_bits & in_each_byte(255 >> type.low_bits);
    };
    const auto put = [&](uint8_t * plane, int line, uint32_t word) {
        std::memcpy(plane + 64 * line + 4 * output, &word, sizeof(word));
    };
    // Two bits of each input: the second half of them lies four bits higher, and every other four two.
    const auto put_pairs = [&](uint8_t * plane, const auto & bits) {
        for (int line = 0; line < 2; ++line) {
            const int four = 2 * line;
            put(plane, line, bits(four) | bits(four + 1) << 2 | bits(four + 4) << 4 | bits(four + 5) << 6);
        }
    };
    if constexpr (type.low_bits == 8)
        for (int four = 0; four < block_inputs / 4; ++four) put(planes, four, low(four));
    if constexpr (type.low_bits == 4)
        for (int four = 0; four < block_inputs / 8; ++four) put(planes, four, low(four) | low(four + 4) << 4);
    if constexpr (type.low_bits == 2) put_pairs(planes, low);
    uint8_t * const high_plane = planes + type.low_bytes();
    if constexpr (type.high_bits == 1) {
        uint32_t word = 0;
        for (int four = 0; four < block_inputs / 4; ++four) word |= high(four) << four;
        put(high_plane, 0, word);
    }
    if constexpr (type.high_bits == 2) put_pairs(high_plane, high);
}

/// Whether a block's bytes hold input i beside input i + 16, as planes of four bits do.
template <typename Block>
constexpr bool has_planes = std::is_same_v<Block, block_q4_0> || std::is_same_v<Block, block_q4_1> ||
                            std::is_same_v<Block, block_iq4_nl>;

/// The same as put_codes for such bytes.
void put_bytes(const uint8_t * bytes, int output, uint8_t * planes) {
    for (int four = 0; four < block_inputs / 8; ++four)
        std::memcpy(planes + 64 * four + 4 * output, bytes + 4 * four, 4);
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
    // What is written covers all of the panel, but for outputs that there are not.
    if (std::find(rows, rows + panel_width, nullptr) != rows + panel_width)
        std::memset(panel, 0, static_cast<size_t>(plane_bytes + blocks * type.scale_bytes()));
    Unpacked unpacked{};
    for (int output = 0; output < panel_width; ++output) {
        if (!rows[output]) continue;
        const Block * const row = static_cast<const Block *>(rows[output]);
        for (int64_t b = 0; b < blocks; ++b) {
            unpack(row[b], unpacked);
            if constexpr (has_planes<Block>)
                put_bytes(row[b].qs, output, panel + b * type.plane_bytes());
            else
                for (int i = 0; i < type.inputs() / block_inputs; ++i)
                    put_codes<type>(unpacked.codes + block_inputs * i, output,
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
