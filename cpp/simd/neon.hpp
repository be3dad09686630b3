// The virtual vector on 64-bit Arm: four registers of NEON. portable.hpp defines the operations.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Vec;

template <>
struct Vec<double> {
    static constexpr std::size_t lanes = 8;
    float64x2_t r[4];
};

template <>
struct Vec<float> {
    static constexpr std::size_t lanes = 16;
    float32x4_t r[4];
};

// There are 32 registers. portable.hpp says what the numbers mean.
constexpr int parts = 4;
constexpr int sum_registers = 20;
constexpr int unit_block = 5;
constexpr int output_block = 4;
constexpr int accumulators = 4;
constexpr int short_unit_block = 2;
constexpr int short_output_block = 2;

// The vector whose register k is f(a.r[k], b.r[k], c.r[k]). `auto` below stands for a register.
template <class T, class F>
inline Vec<T> each(F f, Vec<T> a) {
    return {{f(a.r[0]), f(a.r[1]), f(a.r[2]), f(a.r[3])}};
}
template <class T, class F>
inline Vec<T> each(F f, Vec<T> a, Vec<T> b) {
    return {{f(a.r[0], b.r[0]), f(a.r[1], b.r[1]), f(a.r[2], b.r[2]), f(a.r[3], b.r[3])}};
}
template <class T, class F>
inline Vec<T> each(F f, Vec<T> a, Vec<T> b, Vec<T> c) {
    return {{f(a.r[0], b.r[0], c.r[0]), f(a.r[1], b.r[1], c.r[1]), f(a.r[2], b.r[2], c.r[2]),
             f(a.r[3], b.r[3], c.r[3])}};
}

// ---- float64

inline Vec<double> load(const double* p) {
    return {{vld1q_f64(p), vld1q_f64(p + 2), vld1q_f64(p + 4), vld1q_f64(p + 6)}};
}
inline void store(double* p, Vec<double> a) {
    for (int k = 0; k < 4; ++k) vst1q_f64(p + 2 * k, a.r[k]);
}
inline Vec<double> broadcast(double x) {
    const float64x2_t v = vdupq_n_f64(x);
    return {{v, v, v, v}};
}
inline Vec<double> keep_first(Vec<double> a, std::size_t n) {
    const uint64x2_t count = vdupq_n_u64(n);
    uint64x2_t lane = vcombine_u64(vcreate_u64(0), vcreate_u64(1));
    for (int k = 0; k < 4; ++k, lane = vaddq_u64(lane, vdupq_n_u64(2))) {
        const uint64x2_t kept = vcltq_u64(lane, count);
        a.r[k] = vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(a.r[k]), kept));
    }
    return a;
}

inline Vec<double> operator+(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vaddq_f64(x, y); }, a, b);
}
inline Vec<double> operator-(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vsubq_f64(x, y); }, a, b);
}
inline Vec<double> operator*(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vmulq_f64(x, y); }, a, b);
}
inline Vec<double> operator/(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vdivq_f64(x, y); }, a, b);
}
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return each([](auto x, auto y, auto z) { return vfmaq_f64(z, x, y); }, a, b, c);
}
inline Vec<double> fnma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return each([](auto x, auto y, auto z) { return vfmsq_f64(z, x, y); }, a, b, c);
}
// vminq would give NaN where either is NaN.
inline Vec<double> min(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vbslq_f64(vcltq_f64(x, y), x, y); }, a, b);
}
inline Vec<double> max(Vec<double> a, Vec<double> b) {
    return each([](auto x, auto y) { return vbslq_f64(vcgtq_f64(x, y), x, y); }, a, b);
}
inline Vec<double> sqrt(Vec<double> a) {
    return each([](auto x) { return vsqrtq_f64(x); }, a);
}
inline Vec<double> abs(Vec<double> a) {
    return each([](auto x) { return vabsq_f64(x); }, a);
}
inline Vec<double> where_negative(Vec<double> x, Vec<double> a, Vec<double> b) {
    return each([](auto s, auto y,
                   auto z) { return vbslq_f64(vcltzq_s64(vreinterpretq_s64_f64(s)), y, z); },
                x, a, b);
}
inline bool any_negative(Vec<double> a) {
    const auto bits = [&](int k) { return vreinterpretq_u32_f64(a.r[k]); };
    const uint32x4_t any = vorrq_u32(vorrq_u32(bits(0), bits(1)), vorrq_u32(bits(2), bits(3)));
    return ((vgetq_lane_u32(any, 1) | vgetq_lane_u32(any, 3)) >> 31) != 0;
}
inline Vec<double> exponent_bits(Vec<double> t) {
    return each(
        [](auto x) { return vreinterpretq_f64_u64(vshlq_n_u64(vreinterpretq_u64_f64(x), 52)); }, t);
}
inline Vec<double> exponent(Vec<double> x) {
    return each(
        [](auto v) {
            const int64x2_t field = vshrq_n_s64(vreinterpretq_s64_f64(v), 52);
            return vcvtq_f64_s64(vsubq_s64(field, vdupq_n_s64(1023)));
        },
        x);
}
inline Vec<double> mantissa(Vec<double> x) {
    const uint64x2_t field = vdupq_n_u64(0x000FFFFFFFFFFFFF);
    return each([field](auto v) { return vbslq_f64(field, v, vdupq_n_f64(1.0)); }, x);
}
template <int N>
inline Vec<double> load_first(const double* p) {
    Vec<double> first = broadcast(0.0);
    for (int k = 0; k < N / 2; ++k) first.r[k] = vld1q_f64(p + 2 * k);
    return first;
}
template <int N>
inline Vec<double> repeat_first(const double* p) {
    if constexpr (N == 1) return broadcast(*p);
    Vec<double> a;
    for (int k = 0; k < 4; ++k) a.r[k] = vld1q_f64(p + 2 * k % N);
    return a;
}
template <int N>
inline Vec<double> repeat_each(const double* p) {
    if constexpr (N == 1) return load(p);
    Vec<double> a;
    for (int k = 0; k < 4; ++k) a.r[k] = vdupq_n_f64(p[2 * k / N]);
    return a;
}
inline double sum(Vec<double> a) {
    const float64x2_t two = vaddq_f64(vaddq_f64(a.r[0], a.r[2]), vaddq_f64(a.r[1], a.r[3]));
    return vpaddd_f64(two);
}

// ---- float32

inline Vec<float> load(const float* p) {
    return {{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
}
inline void store(float* p, Vec<float> a) {
    for (int k = 0; k < 4; ++k) vst1q_f32(p + 4 * k, a.r[k]);
}
inline Vec<float> broadcast(float x) {
    const float32x4_t v = vdupq_n_f32(x);
    return {{v, v, v, v}};
}
inline Vec<float> keep_first(Vec<float> a, std::size_t n) {
    const uint32x4_t count = vdupq_n_u32(static_cast<std::uint32_t>(n));
    uint32x4_t lane = vcombine_u32(vcreate_u32(1ull << 32), vcreate_u32(3ull << 32 | 2));
    for (int k = 0; k < 4; ++k, lane = vaddq_u32(lane, vdupq_n_u32(4))) {
        const uint32x4_t kept = vcltq_u32(lane, count);
        a.r[k] = vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a.r[k]), kept));
    }
    return a;
}

inline Vec<float> operator+(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vaddq_f32(x, y); }, a, b);
}
inline Vec<float> operator-(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vsubq_f32(x, y); }, a, b);
}
inline Vec<float> operator*(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vmulq_f32(x, y); }, a, b);
}
inline Vec<float> operator/(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vdivq_f32(x, y); }, a, b);
}
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return each([](auto x, auto y, auto z) { return vfmaq_f32(z, x, y); }, a, b, c);
}
inline Vec<float> fnma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return each([](auto x, auto y, auto z) { return vfmsq_f32(z, x, y); }, a, b, c);
}
inline Vec<float> min(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vbslq_f32(vcltq_f32(x, y), x, y); }, a, b);
}
inline Vec<float> max(Vec<float> a, Vec<float> b) {
    return each([](auto x, auto y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }, a, b);
}
inline Vec<float> sqrt(Vec<float> a) {
    return each([](auto x) { return vsqrtq_f32(x); }, a);
}
inline Vec<float> abs(Vec<float> a) {
    return each([](auto x) { return vabsq_f32(x); }, a);
}
inline Vec<float> where_negative(Vec<float> x, Vec<float> a, Vec<float> b) {
    return each([](auto s, auto y,
                   auto z) { return vbslq_f32(vcltzq_s32(vreinterpretq_s32_f32(s)), y, z); },
                x, a, b);
}
inline bool any_negative(Vec<float> a) {
    const auto bits = [&](int k) { return vreinterpretq_u32_f32(a.r[k]); };
    const uint32x4_t any = vorrq_u32(vorrq_u32(bits(0), bits(1)), vorrq_u32(bits(2), bits(3)));
    return (vmaxvq_u32(any) >> 31) != 0;
}
inline Vec<float> exponent_bits(Vec<float> t) {
    return each(
        [](auto x) { return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(x), 23)); }, t);
}
inline Vec<float> exponent(Vec<float> x) {
    return each(
        [](auto v) {
            const int32x4_t field = vshrq_n_s32(vreinterpretq_s32_f32(v), 23);
            return vcvtq_f32_s32(vsubq_s32(field, vdupq_n_s32(127)));
        },
        x);
}
inline Vec<float> mantissa(Vec<float> x) {
    const uint32x4_t field = vdupq_n_u32(0x007FFFFF);
    return each([field](auto v) { return vbslq_f32(field, v, vdupq_n_f32(1.0f)); }, x);
}
template <int N>
inline Vec<float> load_first(const float* p) {
    Vec<float> first = broadcast(0.0f);
    if constexpr (N == 2) first.r[0] = vcombine_f32(vld1_f32(p), vdup_n_f32(0));
    for (int k = 0; k < N / 4; ++k) first.r[k] = vld1q_f32(p + 4 * k);
    return first;
}
template <int N>
inline Vec<float> repeat_first(const float* p) {
    if constexpr (N == 1) return broadcast(*p);
    Vec<float> a;
    for (int k = 0; k < 4; ++k) {
        a.r[k] = N == 2 ? vcombine_f32(vld1_f32(p), vld1_f32(p)) : vld1q_f32(p + 4 * k % N);
    }
    return a;
}
template <int N>
inline Vec<float> repeat_each(const float* p) {
    if constexpr (N == 1) return load(p);
    Vec<float> a;
    for (int k = 0; k < 4; ++k) {
        a.r[k] = N == 2 ? vcombine_f32(vdup_n_f32(p[2 * k]), vdup_n_f32(p[2 * k + 1]))
                        : vdupq_n_f32(p[4 * k / N]);
    }
    return a;
}
inline float sum(Vec<float> a) {
    const float32x4_t four = vaddq_f32(vaddq_f32(a.r[0], a.r[2]), vaddq_f32(a.r[1], a.r[3]));
    return vpadds_f32(vadd_f32(vget_low_f32(four), vget_high_f32(four)));
}

// ---- both

template <class T>
inline Vec<T> sums(const Vec<T> (&a)[Vec<T>::lanes]) {
    T values[Vec<T>::lanes];
    for (std::size_t i = 0; i < Vec<T>::lanes; ++i) values[i] = sum(a[i]);
    return load(values);
}
template <class T>
inline void transpose(Vec<T> (&a)[Vec<T>::lanes]) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    T values[lanes][lanes];
    for (std::size_t i = 0; i < lanes; ++i) {
        T row[lanes];
        store(row, a[i]);
        for (std::size_t j = 0; j < lanes; ++j) values[j][i] = row[j];
    }
    for (std::size_t i = 0; i < lanes; ++i) a[i] = load(values[i]);
}

// NEON has no masked loads and stores, so these go through a whole vector in memory.
template <class T>
inline Vec<T> load_first(const T* p, std::size_t n) {
    T whole[Vec<T>::lanes] = {};
    for (std::size_t i = 0; i < n; ++i) whole[i] = p[i];
    return load(whole);
}
template <class T>
inline void store_first(T* p, std::size_t n, Vec<T> a) {
    T whole[Vec<T>::lanes];
    store(whole, a);
    for (std::size_t i = 0; i < n; ++i) p[i] = whole[i];
}

}  // namespace denseloop::DENSELOOP_TARGET

#include "simd/neon_parts.hpp"
