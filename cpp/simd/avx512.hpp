// The virtual vector on AVX-512 (F, DQ, VL, BW): one register. portable.hpp defines the operations.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Vec;

template <>
struct Vec<double> {
    static constexpr std::size_t lanes = 8;
    __m512d v;
};

template <>
struct Vec<float> {
    static constexpr std::size_t lanes = 16;
    __m512 v;
};

// There are 32 registers. portable.hpp says what the numbers mean.
constexpr int parts = 1;
constexpr int sum_registers = 24;
constexpr int unit_block = 6;
constexpr int output_block = 4;
constexpr int accumulators = 16;
constexpr int short_unit_block = 4;
constexpr int short_output_block = 4;

inline __mmask8 first8(std::size_t n) { return static_cast<__mmask8>((1u << n) - 1); }
inline __mmask16 first16(std::size_t n) { return static_cast<__mmask16>((1u << n) - 1); }

// ---- float64

inline Vec<double> load(const double* p) { return {_mm512_loadu_pd(p)}; }
inline Vec<double> load_first(const double* p, std::size_t n) {
    return {_mm512_maskz_loadu_pd(first8(n), p)};
}
inline void store(double* p, Vec<double> a) { _mm512_storeu_pd(p, a.v); }
inline void store_first(double* p, std::size_t n, Vec<double> a) {
    _mm512_mask_storeu_pd(p, first8(n), a.v);
}
inline Vec<double> keep_first(Vec<double> a, std::size_t n) {
    return {_mm512_maskz_mov_pd(first8(n), a.v)};
}
inline Vec<double> broadcast(double x) { return {_mm512_set1_pd(x)}; }

inline Vec<double> operator+(Vec<double> a, Vec<double> b) { return {_mm512_add_pd(a.v, b.v)}; }
inline Vec<double> operator-(Vec<double> a, Vec<double> b) { return {_mm512_sub_pd(a.v, b.v)}; }
inline Vec<double> operator*(Vec<double> a, Vec<double> b) { return {_mm512_mul_pd(a.v, b.v)}; }
inline Vec<double> operator/(Vec<double> a, Vec<double> b) { return {_mm512_div_pd(a.v, b.v)}; }
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm512_fmadd_pd(a.v, b.v, c.v)};
}
inline Vec<double> fnma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm512_fnmadd_pd(a.v, b.v, c.v)};
}
inline Vec<double> min(Vec<double> a, Vec<double> b) { return {_mm512_min_pd(a.v, b.v)}; }
inline Vec<double> max(Vec<double> a, Vec<double> b) { return {_mm512_max_pd(a.v, b.v)}; }
inline Vec<double> sqrt(Vec<double> a) { return {_mm512_sqrt_pd(a.v)}; }
inline Vec<double> abs(Vec<double> a) { return {_mm512_abs_pd(a.v)}; }
inline Vec<double> where_negative(Vec<double> x, Vec<double> a, Vec<double> b) {
    return {_mm512_mask_mov_pd(b.v, _mm512_movepi64_mask(_mm512_castpd_si512(x.v)), a.v)};
}
inline bool any_negative(Vec<double> a) {
    return _mm512_movepi64_mask(_mm512_castpd_si512(a.v)) != 0;
}
inline Vec<double> exponent_bits(Vec<double> t) {
    return {_mm512_castsi512_pd(_mm512_slli_epi64(_mm512_castpd_si512(t.v), 52))};
}
inline Vec<double> exponent(Vec<double> x) { return {_mm512_getexp_pd(x.v)}; }
inline Vec<double> mantissa(Vec<double> x) {
    return {_mm512_getmant_pd(x.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src)};
}
template <int N>
inline Vec<double> load_first(const double* p) {
    if constexpr (N == 2) return {_mm512_zextpd128_pd512(_mm_loadu_pd(p))};
    return {_mm512_zextpd256_pd512(_mm256_loadu_pd(p))};
}
template <int N>
inline Vec<double> repeat_first(const double* p) {
    if constexpr (N == 1) return broadcast(*p);
    if constexpr (N == 2) return {_mm512_broadcast_f64x2(_mm_loadu_pd(p))};
    return {_mm512_broadcast_f64x4(_mm256_loadu_pd(p))};
}
template <int N>
inline Vec<double> repeat_each(const double* p) {
    if constexpr (N == 1) return load(p);
    const __m512i lane = _mm512_srli_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), N / 2);
    return {_mm512_permutexvar_pd(lane, load_first<8 / N>(p).v)};
}
inline double sum(Vec<double> a) {
    const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
inline Vec<double> sums(const Vec<double> (&a)[8]) {
    // Each step adds the upper half of p and of q to the lower half, with one shuffle and a blend:
    // [p.upper, q.lower] + [p.lower, q.upper].
    const auto halves = [](Vec<double> p, Vec<double> q) -> __m512d {
        return _mm512_shuffle_f64x2(p.v, q.v, 0x4E) + _mm512_mask_blend_pd(0xF0, p.v, q.v);
    };
    const auto quarters = [](__m512d p, __m512d q) -> __m512d {
        return _mm512_shuffle_f64x2(p, q, 0x88) + _mm512_shuffle_f64x2(p, q, 0xDD);
    };
    const auto eighths = [](__m512d p, __m512d q) -> __m512d {
        return _mm512_shuffle_pd(p, q, 0x55) + _mm512_mask_blend_pd(0xAA, p, q);
    };
    const __m512d even = quarters(halves(a[0], a[2]), halves(a[4], a[6]));
    const __m512d odd = quarters(halves(a[1], a[3]), halves(a[5], a[7]));
    return {eighths(even, odd)};
}
inline void transpose(Vec<double> (&a)[8]) {
    // Pairs of rows are split into even and odd columns; then groups of 128 bits are exchanged.
    __m512d pair[2][4];
    for (int k = 0; k < 4; ++k) {
        pair[0][k] = _mm512_unpacklo_pd(a[2 * k].v, a[2 * k + 1].v);
        pair[1][k] = _mm512_unpackhi_pd(a[2 * k].v, a[2 * k + 1].v);
    }
    for (int odd = 0; odd < 2; ++odd) {
        const __m512d(&p)[4] = pair[odd];
        const __m512d upper_left = _mm512_shuffle_f64x2(p[0], p[1], 0x44);
        const __m512d upper_right = _mm512_shuffle_f64x2(p[0], p[1], 0xEE);
        const __m512d lower_left = _mm512_shuffle_f64x2(p[2], p[3], 0x44);
        const __m512d lower_right = _mm512_shuffle_f64x2(p[2], p[3], 0xEE);
        a[odd].v = _mm512_shuffle_f64x2(upper_left, lower_left, 0x88);
        a[odd + 2].v = _mm512_shuffle_f64x2(upper_left, lower_left, 0xDD);
        a[odd + 4].v = _mm512_shuffle_f64x2(upper_right, lower_right, 0x88);
        a[odd + 6].v = _mm512_shuffle_f64x2(upper_right, lower_right, 0xDD);
    }
}

// ---- float32

inline Vec<float> load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline Vec<float> load_first(const float* p, std::size_t n) {
    return {_mm512_maskz_loadu_ps(first16(n), p)};
}
inline void store(float* p, Vec<float> a) { _mm512_storeu_ps(p, a.v); }
inline void store_first(float* p, std::size_t n, Vec<float> a) {
    _mm512_mask_storeu_ps(p, first16(n), a.v);
}
inline Vec<float> keep_first(Vec<float> a, std::size_t n) {
    return {_mm512_maskz_mov_ps(first16(n), a.v)};
}
inline Vec<float> broadcast(float x) { return {_mm512_set1_ps(x)}; }

inline Vec<float> operator+(Vec<float> a, Vec<float> b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec<float> operator-(Vec<float> a, Vec<float> b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec<float> operator*(Vec<float> a, Vec<float> b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec<float> operator/(Vec<float> a, Vec<float> b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Vec<float> fnma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
inline Vec<float> min(Vec<float> a, Vec<float> b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vec<float> max(Vec<float> a, Vec<float> b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec<float> sqrt(Vec<float> a) { return {_mm512_sqrt_ps(a.v)}; }
inline Vec<float> abs(Vec<float> a) { return {_mm512_abs_ps(a.v)}; }
inline Vec<float> where_negative(Vec<float> x, Vec<float> a, Vec<float> b) {
    return {_mm512_mask_mov_ps(b.v, _mm512_movepi32_mask(_mm512_castps_si512(x.v)), a.v)};
}
inline bool any_negative(Vec<float> a) {
    return _mm512_movepi32_mask(_mm512_castps_si512(a.v)) != 0;
}
inline Vec<float> exponent_bits(Vec<float> t) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(t.v), 23))};
}
inline Vec<float> exponent(Vec<float> x) { return {_mm512_getexp_ps(x.v)}; }
inline Vec<float> mantissa(Vec<float> x) {
    return {_mm512_getmant_ps(x.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src)};
}
template <int N>
inline Vec<float> load_first(const float* p) {
    if constexpr (N == 2) {
        const __m128i two = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm512_zextps128_ps512(_mm_castsi128_ps(two))};
    }
    if constexpr (N == 4) return {_mm512_zextps128_ps512(_mm_loadu_ps(p))};
    return {_mm512_zextps256_ps512(_mm256_loadu_ps(p))};
}
template <int N>
inline Vec<float> repeat_first(const float* p) {
    if constexpr (N == 1) return broadcast(*p);
    if constexpr (N == 2) {
        const __m128i two = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm512_castsi512_ps(_mm512_broadcastq_epi64(two))};
    }
    if constexpr (N == 4) return {_mm512_broadcast_f32x4(_mm_loadu_ps(p))};
    return {_mm512_broadcast_f32x8(_mm256_loadu_ps(p))};
}
template <int N>
inline Vec<float> repeat_each(const float* p) {
    if constexpr (N == 1) return load(p);
    const __m512i lane =
        _mm512_srli_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                          N == 8 ? 3 : N / 2);
    return {_mm512_permutexvar_ps(lane, load_first<16 / N>(p).v)};
}
inline float sum(Vec<float> a) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline Vec<float> sums(const Vec<float> (&a)[16]) {
    const auto halves = [](Vec<float> p, Vec<float> q) -> __m512 {
        return _mm512_shuffle_f32x4(p.v, q.v, 0x44) + _mm512_shuffle_f32x4(p.v, q.v, 0xEE);
    };
    const auto quarters = [](__m512 p, __m512 q) -> __m512 {
        return _mm512_shuffle_f32x4(p, q, 0x88) + _mm512_shuffle_f32x4(p, q, 0xDD);
    };
    // Adds a[i], a[i + 4], a[i + 8] and a[i + 12] down to four numbers each, one 128-bit group for
    // each vector.
    const auto four = [&](int i) {
        return quarters(halves(a[i], a[i + 4]), halves(a[i + 8], a[i + 12]));
    };
    const auto eighths = [](__m512 p, __m512 q) -> __m512 {
        return _mm512_shuffle_ps(p, q, 0x44) + _mm512_shuffle_ps(p, q, 0xEE);
    };
    const __m512 even = eighths(four(0), four(1)), odd = eighths(four(2), four(3));
    return {_mm512_shuffle_ps(even, odd, 0x88) + _mm512_shuffle_ps(even, odd, 0xDD)};
}
inline void transpose(Vec<float> (&a)[16]) {
    // column[c][k] holds column c of each group of four columns, for rows 4 k to 4 k + 3. Then the
    // groups of 128 bits are exchanged.
    __m512 column[4][4];
    for (int k = 0; k < 4; ++k) {
        const __m512 p = a[4 * k].v, q = a[4 * k + 1].v, r = a[4 * k + 2].v, s = a[4 * k + 3].v;
        const __m512d low_pq = _mm512_castps_pd(_mm512_unpacklo_ps(p, q));
        const __m512d high_pq = _mm512_castps_pd(_mm512_unpackhi_ps(p, q));
        const __m512d low_rs = _mm512_castps_pd(_mm512_unpacklo_ps(r, s));
        const __m512d high_rs = _mm512_castps_pd(_mm512_unpackhi_ps(r, s));
        column[0][k] = _mm512_castpd_ps(_mm512_unpacklo_pd(low_pq, low_rs));
        column[1][k] = _mm512_castpd_ps(_mm512_unpackhi_pd(low_pq, low_rs));
        column[2][k] = _mm512_castpd_ps(_mm512_unpacklo_pd(high_pq, high_rs));
        column[3][k] = _mm512_castpd_ps(_mm512_unpackhi_pd(high_pq, high_rs));
    }
    for (int c = 0; c < 4; ++c) {
        const __m512(&p)[4] = column[c];
        const __m512 upper_left = _mm512_shuffle_f32x4(p[0], p[1], 0x44);
        const __m512 upper_right = _mm512_shuffle_f32x4(p[0], p[1], 0xEE);
        const __m512 lower_left = _mm512_shuffle_f32x4(p[2], p[3], 0x44);
        const __m512 lower_right = _mm512_shuffle_f32x4(p[2], p[3], 0xEE);
        a[c].v = _mm512_shuffle_f32x4(upper_left, lower_left, 0x88);
        a[c + 4].v = _mm512_shuffle_f32x4(upper_left, lower_left, 0xDD);
        a[c + 8].v = _mm512_shuffle_f32x4(upper_right, lower_right, 0x88);
        a[c + 12].v = _mm512_shuffle_f32x4(upper_right, lower_right, 0xDD);
    }
}

}  // namespace denseloop::DENSELOOP_TARGET

#include "simd/whole_parts.hpp"
