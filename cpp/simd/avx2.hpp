// The virtual vector on AVX2 with FMA: two registers. portable.hpp defines the operations.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Vec;

template <>
struct Vec<double> {
    static constexpr std::size_t lanes = 8;
    __m256d lo, hi;
};

template <>
struct Vec<float> {
    static constexpr std::size_t lanes = 16;
    __m256 lo, hi;
};

// There are 16 registers. portable.hpp says what the numbers mean.
constexpr int parts = 2;
constexpr int sum_registers = 12;
constexpr int unit_block = 6;
constexpr int output_block = 4;
constexpr int accumulators = 4;
constexpr int short_unit_block = 4;
constexpr int short_output_block = 2;

// The mask of the first n lanes is read from memory that has ones and then zeros.
alignas(64) inline constexpr std::int64_t lane_mask64[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
alignas(64) inline constexpr std::int32_t lane_mask32[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                             -1, -1, -1, -1, -1, -1, -1, -1};

inline __m256i mask64(std::size_t n, std::size_t part) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lane_mask64 + 8 - n + part));
}
inline __m256i mask32(std::size_t n, std::size_t part) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lane_mask32 + 16 - n + part));
}

// ---- float64

inline Vec<double> load(const double* p) { return {_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }
inline Vec<double> load_first(const double* p, std::size_t n) {
    if (n < 4) return {_mm256_maskload_pd(p, mask64(n, 0)), _mm256_setzero_pd()};
    return {_mm256_loadu_pd(p), _mm256_maskload_pd(p + 4, mask64(n, 4))};
}
inline void store(double* p, Vec<double> a) {
    _mm256_storeu_pd(p, a.lo);
    _mm256_storeu_pd(p + 4, a.hi);
}
inline void store_first(double* p, std::size_t n, Vec<double> a) {
    _mm256_maskstore_pd(p, mask64(n, 0), a.lo);
    if (n > 4) _mm256_maskstore_pd(p + 4, mask64(n, 4), a.hi);
}
inline Vec<double> keep_first(Vec<double> a, std::size_t n) {
    return {_mm256_and_pd(a.lo, _mm256_castsi256_pd(mask64(n, 0))),
            _mm256_and_pd(a.hi, _mm256_castsi256_pd(mask64(n, 4)))};
}
inline Vec<double> broadcast(double x) {
    const __m256d v = _mm256_set1_pd(x);
    return {v, v};
}

inline Vec<double> operator+(Vec<double> a, Vec<double> b) {
    return {_mm256_add_pd(a.lo, b.lo), _mm256_add_pd(a.hi, b.hi)};
}
inline Vec<double> operator-(Vec<double> a, Vec<double> b) {
    return {_mm256_sub_pd(a.lo, b.lo), _mm256_sub_pd(a.hi, b.hi)};
}
inline Vec<double> operator*(Vec<double> a, Vec<double> b) {
    return {_mm256_mul_pd(a.lo, b.lo), _mm256_mul_pd(a.hi, b.hi)};
}
inline Vec<double> operator/(Vec<double> a, Vec<double> b) {
    return {_mm256_div_pd(a.lo, b.lo), _mm256_div_pd(a.hi, b.hi)};
}
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm256_fmadd_pd(a.lo, b.lo, c.lo), _mm256_fmadd_pd(a.hi, b.hi, c.hi)};
}
inline Vec<double> fnma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm256_fnmadd_pd(a.lo, b.lo, c.lo), _mm256_fnmadd_pd(a.hi, b.hi, c.hi)};
}
inline Vec<double> min(Vec<double> a, Vec<double> b) {
    return {_mm256_min_pd(a.lo, b.lo), _mm256_min_pd(a.hi, b.hi)};
}
inline Vec<double> max(Vec<double> a, Vec<double> b) {
    return {_mm256_max_pd(a.lo, b.lo), _mm256_max_pd(a.hi, b.hi)};
}
inline Vec<double> sqrt(Vec<double> a) { return {_mm256_sqrt_pd(a.lo), _mm256_sqrt_pd(a.hi)}; }
inline Vec<double> abs(Vec<double> a) {
    const __m256d sign = _mm256_set1_pd(-0.0);
    return {_mm256_andnot_pd(sign, a.lo), _mm256_andnot_pd(sign, a.hi)};
}
inline Vec<double> where_negative(Vec<double> x, Vec<double> a, Vec<double> b) {
    return {_mm256_blendv_pd(b.lo, a.lo, x.lo), _mm256_blendv_pd(b.hi, a.hi, x.hi)};
}
inline __m256d exponent_bits(__m256d t) {
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(t), 52));
}
inline bool any_negative(Vec<double> a) {
    return _mm256_movemask_pd(_mm256_or_pd(a.lo, a.hi)) != 0;
}
inline Vec<double> exponent_bits(Vec<double> t) {
    return {exponent_bits(t.lo), exponent_bits(t.hi)};
}
inline __m256d exponent(__m256d x) {
    // AVX2 cannot convert 64-bit integers, so the field becomes the low bits of 2^52 + field.
    const __m256i field = _mm256_srli_epi64(_mm256_castpd_si256(x), 52);
    const __m256d number =
        _mm256_or_pd(_mm256_castsi256_pd(field), _mm256_set1_pd(4503599627370496.0));
    return _mm256_sub_pd(number, _mm256_set1_pd(4503599627370496.0 + 1023));
}
inline Vec<double> exponent(Vec<double> x) { return {exponent(x.lo), exponent(x.hi)}; }
inline __m256d mantissa(__m256d x) {
    const __m256d field = _mm256_castsi256_pd(_mm256_set1_epi64x(0x000FFFFFFFFFFFFF));
    return _mm256_or_pd(_mm256_and_pd(x, field), _mm256_set1_pd(1.0));
}
inline Vec<double> mantissa(Vec<double> x) { return {mantissa(x.lo), mantissa(x.hi)}; }
template <int N>
inline Vec<double> load_first(const double* p) {
    const __m256d zero = _mm256_setzero_pd();
    if constexpr (N == 2) return {_mm256_zextpd128_pd256(_mm_loadu_pd(p)), zero};
    return {_mm256_loadu_pd(p), zero};
}
template <int N>
inline Vec<double> repeat_first(const double* p) {
    if constexpr (N == 1) return broadcast(*p);
    const __m256d four =
        N == 2 ? _mm256_broadcast_pd(reinterpret_cast<const __m128d*>(p)) : _mm256_loadu_pd(p);
    return {four, four};
}
template <int N>
inline Vec<double> repeat_each(const double* p) {
    if constexpr (N == 1) return load(p);
    if constexpr (N == 4) return {_mm256_set1_pd(p[0]), _mm256_set1_pd(p[1])};
    const __m256d four = _mm256_loadu_pd(p);
    return {_mm256_permute4x64_pd(four, 0x50), _mm256_permute4x64_pd(four, 0xFA)};
}
inline double sum(Vec<double> a) {
    const __m256d four = _mm256_add_pd(a.lo, a.hi);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
inline Vec<double> sums(const Vec<double> (&a)[8]) {
    // Adds a[i] and a[j] down to two numbers each, those of a[i] first.
    const auto quarters = [&](int i, int j) -> __m256d {
        const __m256d p = a[i].lo + a[i].hi, q = a[j].lo + a[j].hi;
        return _mm256_permute2f128_pd(p, q, 0x20) + _mm256_permute2f128_pd(p, q, 0x31);
    };
    const auto four = [&](int i) -> __m256d {
        const __m256d even = quarters(i, i + 2), odd = quarters(i + 1, i + 3);
        return _mm256_unpacklo_pd(even, odd) + _mm256_unpackhi_pd(even, odd);
    };
    return {four(0), four(4)};
}
// The rows of a 4 × 4 matrix become its columns.
inline void transpose(__m256d& a, __m256d& b, __m256d& c, __m256d& d) {
    const __m256d even_ab = _mm256_unpacklo_pd(a, b), odd_ab = _mm256_unpackhi_pd(a, b);
    const __m256d even_cd = _mm256_unpacklo_pd(c, d), odd_cd = _mm256_unpackhi_pd(c, d);
    a = _mm256_permute2f128_pd(even_ab, even_cd, 0x20);
    b = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x20);
    c = _mm256_permute2f128_pd(even_ab, even_cd, 0x31);
    d = _mm256_permute2f128_pd(odd_ab, odd_cd, 0x31);
}
inline void transpose(Vec<double> (&a)[8]) {
    for (int i = 0; i < 8; i += 4) {
        transpose(a[i].lo, a[i + 1].lo, a[i + 2].lo, a[i + 3].lo);
        transpose(a[i].hi, a[i + 1].hi, a[i + 2].hi, a[i + 3].hi);
    }
    for (int i = 0; i < 4; ++i) {
        const __m256d lower_left = a[i + 4].lo;
        a[i + 4].lo = a[i].hi;
        a[i].hi = lower_left;
    }
}

// ---- float32

inline Vec<float> load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline Vec<float> load_first(const float* p, std::size_t n) {
    if (n < 8) return {_mm256_maskload_ps(p, mask32(n, 0)), _mm256_setzero_ps()};
    return {_mm256_loadu_ps(p), _mm256_maskload_ps(p + 8, mask32(n, 8))};
}
inline void store(float* p, Vec<float> a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}
inline void store_first(float* p, std::size_t n, Vec<float> a) {
    _mm256_maskstore_ps(p, mask32(n, 0), a.lo);
    if (n > 8) _mm256_maskstore_ps(p + 8, mask32(n, 8), a.hi);
}
inline Vec<float> keep_first(Vec<float> a, std::size_t n) {
    return {_mm256_and_ps(a.lo, _mm256_castsi256_ps(mask32(n, 0))),
            _mm256_and_ps(a.hi, _mm256_castsi256_ps(mask32(n, 8)))};
}
inline Vec<float> broadcast(float x) {
    const __m256 v = _mm256_set1_ps(x);
    return {v, v};
}

inline Vec<float> operator+(Vec<float> a, Vec<float> b) {
    return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)};
}
inline Vec<float> operator-(Vec<float> a, Vec<float> b) {
    return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)};
}
inline Vec<float> operator*(Vec<float> a, Vec<float> b) {
    return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)};
}
inline Vec<float> operator/(Vec<float> a, Vec<float> b) {
    return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)};
}
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
inline Vec<float> fnma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm256_fnmadd_ps(a.lo, b.lo, c.lo), _mm256_fnmadd_ps(a.hi, b.hi, c.hi)};
}
inline Vec<float> min(Vec<float> a, Vec<float> b) {
    return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)};
}
inline Vec<float> max(Vec<float> a, Vec<float> b) {
    return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)};
}
inline Vec<float> sqrt(Vec<float> a) { return {_mm256_sqrt_ps(a.lo), _mm256_sqrt_ps(a.hi)}; }
inline Vec<float> abs(Vec<float> a) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return {_mm256_andnot_ps(sign, a.lo), _mm256_andnot_ps(sign, a.hi)};
}
inline Vec<float> where_negative(Vec<float> x, Vec<float> a, Vec<float> b) {
    return {_mm256_blendv_ps(b.lo, a.lo, x.lo), _mm256_blendv_ps(b.hi, a.hi, x.hi)};
}
inline __m256 exponent_bits(__m256 t) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t), 23));
}
inline bool any_negative(Vec<float> a) { return _mm256_movemask_ps(_mm256_or_ps(a.lo, a.hi)) != 0; }
inline Vec<float> exponent_bits(Vec<float> t) { return {exponent_bits(t.lo), exponent_bits(t.hi)}; }
inline __m256 exponent(__m256 x) {
    const __m256i field = _mm256_srli_epi32(_mm256_castps_si256(x), 23);
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(field, _mm256_set1_epi32(127)));
}
inline Vec<float> exponent(Vec<float> x) { return {exponent(x.lo), exponent(x.hi)}; }
inline __m256 mantissa(__m256 x) {
    const __m256 field = _mm256_castsi256_ps(_mm256_set1_epi32(0x007FFFFF));
    return _mm256_or_ps(_mm256_and_ps(x, field), _mm256_set1_ps(1.0f));
}
inline Vec<float> mantissa(Vec<float> x) { return {mantissa(x.lo), mantissa(x.hi)}; }
template <int N>
inline Vec<float> load_first(const float* p) {
    const __m256 zero = _mm256_setzero_ps();
    if constexpr (N == 2) {
        const __m128i two = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm256_zextps128_ps256(_mm_castsi128_ps(two)), zero};
    }
    if constexpr (N == 4) return {_mm256_zextps128_ps256(_mm_loadu_ps(p)), zero};
    return {_mm256_loadu_ps(p), zero};
}
template <int N>
inline Vec<float> repeat_first(const float* p) {
    if constexpr (N == 1) return broadcast(*p);
    if constexpr (N == 8) return {_mm256_loadu_ps(p), _mm256_loadu_ps(p)};
    const __m256 eight = N == 2 ? _mm256_castsi256_ps(_mm256_broadcastq_epi64(
                                      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))
                                : _mm256_broadcast_ps(reinterpret_cast<const __m128*>(p));
    return {eight, eight};
}
template <int N>
inline Vec<float> repeat_each(const float* p) {
    if constexpr (N == 1) return load(p);
    const __m256i first =
        _mm256_srli_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), N == 8 ? 3 : N / 2);
    const __m256i second = _mm256_add_epi32(first, _mm256_set1_epi32(8 / N));
    const __m256 numbers = load_first<16 / N>(p).lo;
    return {_mm256_permutevar8x32_ps(numbers, first), _mm256_permutevar8x32_ps(numbers, second)};
}
inline float sum(Vec<float> a) {
    const __m256 eight = _mm256_add_ps(a.lo, a.hi);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline Vec<float> sums(const Vec<float> (&a)[16]) {
    const auto quarters = [&](int i, int j) -> __m256 {
        const __m256 p = a[i].lo + a[i].hi, q = a[j].lo + a[j].hi;
        return _mm256_permute2f128_ps(p, q, 0x20) + _mm256_permute2f128_ps(p, q, 0x31);
    };
    const auto eighths = [&](int i) -> __m256 {
        const __m256 p = quarters(i, i + 4), q = quarters(i + 1, i + 5);
        return _mm256_shuffle_ps(p, q, 0x44) + _mm256_shuffle_ps(p, q, 0xEE);
    };
    const auto eight = [&](int i) -> __m256 {
        const __m256 p = eighths(i), q = eighths(i + 2);
        return _mm256_shuffle_ps(p, q, 0x88) + _mm256_shuffle_ps(p, q, 0xDD);
    };
    return {eight(0), eight(8)};
}
// Transposes the 8 × 8 square of rows i to i + 7 in one half of the columns.
template <__m256 Vec<float>::* half>
inline void transpose(Vec<float> (&a)[16], int i) {
    // column[k][c] holds columns c and c + 4 of four rows.
    __m256 column[2][4];
    for (int k = 0; k < 2; ++k) {
        const Vec<float>* const row = a + i + 4 * k;
        const __m256 p = row[0].*half, q = row[1].*half, r = row[2].*half, s = row[3].*half;
        const __m256d low_pq = _mm256_castps_pd(_mm256_unpacklo_ps(p, q));
        const __m256d high_pq = _mm256_castps_pd(_mm256_unpackhi_ps(p, q));
        const __m256d low_rs = _mm256_castps_pd(_mm256_unpacklo_ps(r, s));
        const __m256d high_rs = _mm256_castps_pd(_mm256_unpackhi_ps(r, s));
        column[k][0] = _mm256_castpd_ps(_mm256_unpacklo_pd(low_pq, low_rs));
        column[k][1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low_pq, low_rs));
        column[k][2] = _mm256_castpd_ps(_mm256_unpacklo_pd(high_pq, high_rs));
        column[k][3] = _mm256_castpd_ps(_mm256_unpackhi_pd(high_pq, high_rs));
    }
    for (int c = 0; c < 4; ++c) {
        a[i + c].*half = _mm256_permute2f128_ps(column[0][c], column[1][c], 0x20);
        a[i + c + 4].*half = _mm256_permute2f128_ps(column[0][c], column[1][c], 0x31);
    }
}
inline void transpose(Vec<float> (&a)[16]) {
    for (int i = 0; i < 16; i += 8) {
        transpose<&Vec<float>::lo>(a, i);
        transpose<&Vec<float>::hi>(a, i);
    }
    for (int i = 0; i < 8; ++i) {
        const __m256 lower_left = a[i + 8].lo;
        a[i + 8].lo = a[i].hi;
        a[i].hi = lower_left;
    }
}

}  // namespace denseloop::DENSELOOP_TARGET

#include "simd/avx2_parts.hpp"
