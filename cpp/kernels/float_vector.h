#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define REPRISE_VECTOR_AVX512 1
#include <immintrin.h>
#elif defined(__AVX2__) && defined(__FMA__)
#define REPRISE_VECTOR_AVX2 1
#include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#define REPRISE_VECTOR_NEON 1
#include <arm_neon.h>
#endif

namespace reprise::kernels {

// A vector of `lanes` floats, and what attention and the tiles for float weights (panels_float.cc) do with
// it. Products that are added are fused on purpose: left to the compiler, the same sum could be rounded once
// in one place and twice in another.

#if defined(REPRISE_VECTOR_AVX512)

constexpr int lanes = 16;
constexpr int vector_registers = 32;
using Vec = __m512;

inline Vec load(const float * from) {
    return _mm512_loadu_ps(from);
}
inline void store(float * to, Vec x) {
    _mm512_storeu_ps(to, x);
}
inline Vec broadcast(float x) {
    return _mm512_set1_ps(x);
}
inline Vec add(Vec a, Vec b) {
    return _mm512_add_ps(a, b);
}
inline Vec subtract(Vec a, Vec b) {
    return _mm512_sub_ps(a, b);
}
inline Vec multiply(Vec a, Vec b) {
    return _mm512_mul_ps(a, b);
}
inline Vec divide(Vec a, Vec b) {
    return _mm512_div_ps(a, b);
}
/// a * b + c
inline Vec fma(Vec a, Vec b, Vec c) {
    return _mm512_fmadd_ps(a, b, c);
}
/// The larger one; `b` where one of them is NaN.
inline Vec larger(Vec a, Vec b) {
    return _mm512_max_ps(a, b);
}
/// `x` in the lanes whose bit is set, `otherwise` in the others.
inline Vec keep(Vec x, uint32_t bits, Vec otherwise) {
    return _mm512_mask_mov_ps(otherwise, static_cast<__mmask16>(bits), x);
}
/// `x` where a < b, `otherwise` elsewhere.
inline Vec where_less(Vec a, Vec b, Vec x, Vec otherwise) {
    return _mm512_mask_mov_ps(otherwise, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), x);
}
inline Vec nearest(Vec x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// x * 2^n for a whole n.
inline Vec times_power_of_two(Vec x, Vec n) {
    return _mm512_scalef_ps(x, n);
}
inline float largest_lane(Vec x) {
    return _mm512_reduce_max_ps(x);
}
inline Vec load_half(const uint16_t * from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(from)));
}
inline Vec load_bfloat(const uint16_t * from) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}

#elif defined(REPRISE_VECTOR_AVX2)

constexpr int lanes = 8;
constexpr int vector_registers = 16;
using Vec = __m256;

inline Vec load(const float * from) {
    return _mm256_loadu_ps(from);
}
inline void store(float * to, Vec x) {
    _mm256_storeu_ps(to, x);
}
inline Vec broadcast(float x) {
    return _mm256_set1_ps(x);
}
inline Vec add(Vec a, Vec b) {
    return _mm256_add_ps(a, b);
}
inline Vec subtract(Vec a, Vec b) {
    return _mm256_sub_ps(a, b);
}
inline Vec multiply(Vec a, Vec b) {
    return _mm256_mul_ps(a, b);
}
inline Vec divide(Vec a, Vec b) {
    return _mm256_div_ps(a, b);
}
inline Vec fma(Vec a, Vec b, Vec c) {
    return _mm256_fmadd_ps(a, b, c);
}
inline Vec larger(Vec a, Vec b) {
    return _mm256_max_ps(a, b);
}
inline Vec keep(Vec x, uint32_t bits, Vec otherwise) {
    const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i set = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), lane);
    return _mm256_blendv_ps(otherwise, x, _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, lane)));
}
inline Vec where_less(Vec a, Vec b, Vec x, Vec otherwise) {
    return _mm256_blendv_ps(otherwise, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
inline Vec nearest(Vec x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline Vec times_power_of_two(Vec x, Vec n) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_set1_epi32(127 << 23))));
}
inline float largest_lane(Vec x) {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
#if defined(__F16C__)
inline Vec load_half(const uint16_t * from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from)));
}
#endif
inline Vec load_bfloat(const uint16_t * from) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16));
}

#elif defined(REPRISE_VECTOR_NEON)

constexpr int lanes = 4;
constexpr int vector_registers = 32;
using Vec = float32x4_t;

inline Vec load(const float * from) {
    return vld1q_f32(from);
}
inline void store(float * to, Vec x) {
    vst1q_f32(to, x);
}
inline Vec broadcast(float x) {
    return vdupq_n_f32(x);
}
inline Vec add(Vec a, Vec b) {
    return vaddq_f32(a, b);
}
inline Vec subtract(Vec a, Vec b) {
    return vsubq_f32(a, b);
}
inline Vec multiply(Vec a, Vec b) {
    return vmulq_f32(a, b);
}
inline Vec divide(Vec a, Vec b) {
    return vdivq_f32(a, b);
}
inline Vec fma(Vec a, Vec b, Vec c) {
    return vfmaq_f32(c, a, b);
}
inline Vec larger(Vec a, Vec b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}
inline Vec keep(Vec x, uint32_t bits, Vec otherwise) {
    const uint32x4_t lane = {1, 2, 4, 8};
    return vbslq_f32(vtstq_u32(vdupq_n_u32(bits), lane), x, otherwise);
}
inline Vec where_less(Vec a, Vec b, Vec x, Vec otherwise) {
    return vbslq_f32(vcltq_f32(a, b), x, otherwise);
}
inline Vec nearest(Vec x) {
    return vrndnq_f32(x);
}
inline Vec times_power_of_two(Vec x, Vec n) {
    const int32x4_t exponent = vshlq_n_s32(vcvtq_s32_f32(n), 23);
    return vmulq_f32(x, vreinterpretq_f32_s32(vaddq_s32(exponent, vdupq_n_s32(127 << 23))));
}
inline float largest_lane(Vec x) {
    return vmaxnmvq_f32(x);
}
inline Vec load_half(const uint16_t * from) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
}
inline Vec load_bfloat(const uint16_t * from) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16));
}

#else

constexpr int lanes = 1;
constexpr int vector_registers = 16;
using Vec = float;

inline Vec load(const float * from) {
    return *from;
}
inline void store(float * to, Vec x) {
    *to = x;
}
inline Vec broadcast(float x) {
    return x;
}
inline Vec add(Vec a, Vec b) {
    return a + b;
}
inline Vec subtract(Vec a, Vec b) {
    return a - b;
}
inline Vec multiply(Vec a, Vec b) {
    return a * b;
}
inline Vec divide(Vec a, Vec b) {
    return a / b;
}
inline Vec fma(Vec a, Vec b, Vec c) {
    return a * b + c;
}
inline Vec larger(Vec a, Vec b) {
    return a > b ? a : b;
}
inline Vec keep(Vec x, uint32_t bits, Vec otherwise) {
    return (bits & 1) ? x : otherwise;
}
inline Vec where_less(Vec a, Vec b, Vec x, Vec otherwise) {
    return a < b ? x : otherwise;
}
inline Vec nearest(Vec x) {
    return std::nearbyint(x);
}
inline Vec times_power_of_two(Vec x, Vec n) {
    return n > -200.0f ? std::ldexp(x, static_cast<int>(n)) : x;
}
inline float largest_lane(Vec x) {
    return x;
}
inline Vec load_bfloat(const uint16_t * from) {
    const uint32_t bits = static_cast<uint32_t>(*from) << 16;
    float x;
    std::memcpy(&x, &bits, sizeof(x));
    return x;
}

#endif

#if defined(REPRISE_VECTOR_AVX512) || (defined(REPRISE_VECTOR_AVX2) && defined(__F16C__)) ||                 \
    defined(REPRISE_VECTOR_NEON)
#define REPRISE_VECTOR_HALF 1
#endif

/// e^x of x <= 0 to about one unit in the last place; 0 below -87.3 and at -inf, NaN of NaN.
inline Vec exp_of_negative(Vec x) {
    const Vec n = nearest(multiply(x, broadcast(1.44269504f)));
    // ln 2 in two parts: the first is so short that its product with n is exact.
    const Vec r = fma(n, broadcast(2.12194440e-4f), fma(n, broadcast(-0.693359375f), x));
    Vec y = broadcast(1.9875691500e-4f);
    y = fma(y, r, broadcast(1.3981999507e-3f));
    y = fma(y, r, broadcast(8.3334519073e-3f));
    y = fma(y, r, broadcast(4.1665795894e-2f));
    y = fma(y, r, broadcast(1.6666665459e-1f));
    y = fma(y, r, broadcast(5.0000001201e-1f));
    y = fma(fma(y, r, broadcast(1.0f)), r, broadcast(1.0f));
    return where_less(x, broadcast(-87.3f), broadcast(0.0f), times_power_of_two(y, n));
}

inline float scalar_exp_of_negative(float x) {
    float out[lanes];
    store(out, exp_of_negative(broadcast(x)));
    return out[0];
}

/// The hyperbolic tangent, to two units in the last place.
inline Vec tanh_of(Vec x) {
    const Vec zero = broadcast(0.0f);
    const Vec size = where_less(x, zero, subtract(zero, x), x);
    const Vec square = multiply(x, x);
    Vec near = broadcast(-5.70498872745e-3f);
    near = fma(near, square, broadcast(2.06390887954e-2f));
    near = fma(near, square, broadcast(-5.37397155531e-2f));
    near = fma(near, square, broadcast(1.33314422036e-1f));
    near = fma(near, square, broadcast(-3.33332819422e-1f));
    near = fma(multiply(near, square), x, x);
    const Vec one = broadcast(1.0f);
    const Vec e = exp_of_negative(multiply(size, broadcast(-2.0f)));
    const Vec far = divide(subtract(one, e), add(one, e));
    return where_less(size, broadcast(0.625f), near, where_less(x, zero, subtract(zero, far), far));
}

} // namespace reprise::kernels
