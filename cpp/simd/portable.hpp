// The virtual vector in plain C++. It defines what every operation means, and any CPU can run it.
//
// A vector has 64 bytes on every target, so a sample's lane and the order of every sum never depend
// on the machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/bits.hpp"
#include "simd/scalar_fma.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Vec {
    static constexpr std::size_t lanes = 64 / sizeof(T);
    T lane[lanes];
};

// A vector takes `parts` registers. The products and gradients of a layer keep sum_registers sums
// of a register each (a gradient at most 16), for at most unit_block units or output_block outputs.
// Short ones, and the other kernels, keep `accumulators` whole vectors, for short_unit_block units
// or short_output_block outputs.
constexpr int parts = 1;
constexpr int sum_registers = 2;
constexpr int unit_block = 2;
constexpr int output_block = 2;
constexpr int accumulators = 2;
constexpr int short_unit_block = 2;
constexpr int short_output_block = 2;

// The vector whose lane i is f(i).
template <class T, class F>
inline Vec<T> each_lane(F f) {
    Vec<T> r;
    for (std::size_t i = 0; i < Vec<T>::lanes; ++i) r.lane[i] = f(i);
    return r;
}

template <class T>
inline Vec<T> load(const T* p) {
    return each_lane<T>([&](std::size_t i) { return p[i]; });
}
template <class T>
inline void store(T* p, Vec<T> a) {
    for (std::size_t i = 0; i < Vec<T>::lanes; ++i) p[i] = a.lane[i];
}
// Reads only the first n elements, 0 <= n <= lanes; the other lanes are 0.
template <class T>
inline Vec<T> load_first(const T* p, std::size_t n) {
    return each_lane<T>([&](std::size_t i) { return i < n ? p[i] : T(0); });
}
// The same for a constant N: 2, 4, ... lanes / 2.
template <int N, class T>
inline Vec<T> load_first(const T* p) {
    return load_first(p, N);
}
// Lane i is p[i % N] or p[i / N], for N = 1, 2, 4, ... lanes / 2.
template <int N, class T>
inline Vec<T> repeat_first(const T* p) {
    return each_lane<T>([&](std::size_t i) { return p[i % N]; });
}
template <int N, class T>
inline Vec<T> repeat_each(const T* p) {
    return each_lane<T>([&](std::size_t i) { return p[i / N]; });
}
// Writes only the first n elements, 0 <= n <= lanes.
template <class T>
inline void store_first(T* p, std::size_t n, Vec<T> a) {
    for (std::size_t i = 0; i < n; ++i) p[i] = a.lane[i];
}
// Lanes n and above become 0, even where they were NaN.
template <class T>
inline Vec<T> keep_first(Vec<T> a, std::size_t n) {
    return each_lane<T>([&](std::size_t i) { return i < n ? a.lane[i] : T(0); });
}
template <class T>
inline Vec<T> broadcast(T x) {
    return each_lane<T>([&](std::size_t) { return x; });
}

template <class T>
inline Vec<T> operator+(Vec<T> a, Vec<T> b) {
    return each_lane<T>([&](std::size_t i) { return a.lane[i] + b.lane[i]; });
}
template <class T>
inline Vec<T> operator-(Vec<T> a, Vec<T> b) {
    return each_lane<T>([&](std::size_t i) { return a.lane[i] - b.lane[i]; });
}
template <class T>
inline Vec<T> operator*(Vec<T> a, Vec<T> b) {
    return each_lane<T>([&](std::size_t i) { return a.lane[i] * b.lane[i]; });
}
template <class T>
inline Vec<T> operator/(Vec<T> a, Vec<T> b) {
    return each_lane<T>([&](std::size_t i) { return a.lane[i] / b.lane[i]; });
}
// a * b + c, rounded once.
template <class T>
DENSELOOP_FMA_CALL inline Vec<T> fma(Vec<T> a, Vec<T> b, Vec<T> c) {
#if DENSELOOP_HAS_FMA
    return each_lane<T>([&](std::size_t i) { return scalar_fma(a.lane[i], b.lane[i], c.lane[i]); });
#else
    if constexpr (sizeof(T) == sizeof(double)) {
        std::uint64_t any_extreme = 0;
        for (std::size_t i = 0; i < Vec<T>::lanes; ++i) {
            any_extreme |= negative_if_extreme(a.lane[i], b.lane[i], c.lane[i]);
        }
        if (is_negative(any_extreme)) {
            return each_lane<T>(
                [&](std::size_t i) { return scalar_fma(a.lane[i], b.lane[i], c.lane[i]); });
        }
    }
    return each_lane<T>([&](std::size_t i) { return simple_fma(a.lane[i], b.lane[i], c.lane[i]); });
#endif
}
// c - a * b, rounded once.
template <class T>
inline Vec<T> fnma(Vec<T> a, Vec<T> b, Vec<T> c) {
    return fma(each_lane<T>([&](std::size_t i) { return -a.lane[i]; }), b, c);
}
// b where either is NaN.
template <class T>
inline Vec<T> min(Vec<T> a, Vec<T> b) {
    return each_lane<T>(
        [&](std::size_t i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
template <class T>
inline Vec<T> max(Vec<T> a, Vec<T> b) {
    return each_lane<T>(
        [&](std::size_t i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}

template <class T>
inline Vec<T> sqrt(Vec<T> a) {
    return each_lane<T>([&](std::size_t i) { return square_root(a.lane[i]); });
}
template <class T>
inline Vec<T> abs(Vec<T> a) {
    return each_lane<T>(
        [&](std::size_t i) { return from_bits(to_bits(a.lane[i]) & ~Format<T>::sign); });
}
// a where the sign bit of x is set, b elsewhere.
template <class T>
inline Vec<T> where_negative(Vec<T> x, Vec<T> a, Vec<T> b) {
    return each_lane<T>([&](std::size_t i) {
        return to_bits(x.lane[i]) & Format<T>::sign ? a.lane[i] : b.lane[i];
    });
}
// Whether any sign bit is set.
template <class T>
inline bool any_negative(Vec<T> a) {
    auto any = to_bits(a.lane[0]);
    for (std::size_t i = 1; i < Vec<T>::lanes; ++i) any |= to_bits(a.lane[i]);
    return (any & Format<T>::sign) != 0;
}
// Shifts the low bits of t into the exponent field: t = 1.5 * 2^mantissa_bits + bias + n gives 2^n.
template <class T>
inline Vec<T> exponent_bits(Vec<T> t) {
    return each_lane<T>(
        [&](std::size_t i) { return from_bits(to_bits(t.lane[i]) << Format<T>::mantissa_bits); });
}
// exponent e and mantissa m satisfy x = m * 2^e with 1 <= m < 2; x must be normal and positive.
template <class T>
inline Vec<T> exponent(Vec<T> x) {
    return each_lane<T>([&](std::size_t i) {
        return static_cast<T>(static_cast<int>(to_bits(x.lane[i]) >> Format<T>::mantissa_bits) -
                              Format<T>::bias);
    });
}
template <class T>
inline Vec<T> mantissa(Vec<T> x) {
    return each_lane<T>([&](std::size_t i) {
        return from_bits((to_bits(x.lane[i]) & Format<T>::mantissa) | to_bits(T(1)));
    });
}
// The sum of the lanes, by halves: lane i + n/2 is added to lane i, then i + n/4, and so on.
template <class T>
inline T sum(Vec<T> a) {
    for (std::size_t n = Vec<T>::lanes / 2; n > 0; n /= 2) {
        for (std::size_t i = 0; i < n; ++i) a.lane[i] += a.lane[i + n];
    }
    return a.lane[0];
}
// The vector whose lane i is sum(a[i]).
template <class T>
inline Vec<T> sums(const Vec<T> (&a)[Vec<T>::lanes]) {
    return each_lane<T>([&](std::size_t i) { return sum(a[i]); });
}
// Lane j of a[i] becomes lane i of a[j].
template <class T>
inline void transpose(Vec<T> (&a)[Vec<T>::lanes]) {
    for (std::size_t i = 0; i < Vec<T>::lanes; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const T lower = a[i].lane[j];
            a[i].lane[j] = a[j].lane[i];
            a[j].lane[i] = lower;
        }
    }
}

}  // namespace denseloop::DENSELOOP_TARGET

#include "simd/whole_parts.hpp"
