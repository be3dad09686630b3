// A vector of N = 2 or 4 numbers in one register, where a virtual vector would be mostly empty and
// the next operation waits: a division of several registers takes longer. portable.hpp defines the
// operations. A register has at least 16 bytes. After a load, 0s follow the numbers, and it is up
// to the caller that they stay 0: any_negative() and all_equal() may see them.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/compiler.hpp"
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T, int N>
struct ShortVec {
    static constexpr int bytes = N * sizeof(T) < 16 ? 16 : N * sizeof(T);
    static constexpr int lanes = bytes / sizeof(T);
    using Bits = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
    using Numbers = typename RegisterOf<T, bytes>::type;
    using Integers = typename RegisterOf<Bits, bytes>::type;
    Numbers lane;

    Integers bits() const { return reinterpret_cast<Integers>(lane); }
};

template <class T, int N>
struct Constant<ShortVec<T, N>> {
    using Number = T;
    static inline ShortVec<T, N> of(T x) {
        return {x - typename ShortVec<T, N>::Numbers{}};  // -0 stays -0
    }
};

template <int N, class T>
inline ShortVec<T, N> load_short(const T* p) {
    if constexpr (N * sizeof(T) == 8) {  // as one number, which needs no detour through memory
        double two;
        std::memcpy(&two, p, sizeof two);
        return {reinterpret_cast<typename ShortVec<T, N>::Numbers>(
            typename ShortVec<double, 2>::Numbers{two, 0})};
    } else {
        ShortVec<T, N> a;
        std::memcpy(&a.lane, p, sizeof a.lane);
        return a;
    }
}
template <class T, int N>
inline void store(T* p, ShortVec<T, N> a) {
    if constexpr (N * sizeof(T) == 8) {
        const double two = reinterpret_cast<typename ShortVec<double, 2>::Numbers>(a.lane)[0];
        std::memcpy(p, &two, sizeof two);
    } else {
        std::memcpy(p, &a.lane, sizeof a.lane);
    }
}

template <class T, int N>
inline ShortVec<T, N> operator+(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane + b.lane};
}
template <class T, int N>
inline ShortVec<T, N> operator-(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane - b.lane};
}
template <class T, int N>
inline ShortVec<T, N> operator*(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane * b.lane};
}
template <class T, int N>
inline ShortVec<T, N> operator/(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane / b.lane};
}
template <class T, int N>
inline ShortVec<T, N> fma(ShortVec<T, N> a, ShortVec<T, N> b, ShortVec<T, N> c) {
#if DENSELOOP_X86_64 && DENSELOOP_HAS_FMA
    if constexpr (sizeof(T) == 4) {
        return {_mm_fmadd_ps(a.lane, b.lane, c.lane)};
    } else if constexpr (N == 2) {
        return {_mm_fmadd_pd(a.lane, b.lane, c.lane)};
    } else {
        return {_mm256_fmadd_pd(a.lane, b.lane, c.lane)};
    }
#else
    for (int i = 0; i < N; ++i) c.lane[i] = scalar_fma(a.lane[i], b.lane[i], c.lane[i]);
    return c;
#endif
}
template <class T, int N>
inline ShortVec<T, N> fnma(ShortVec<T, N> a, ShortVec<T, N> b, ShortVec<T, N> c) {
    return fma(ShortVec<T, N>{-a.lane}, b, c);
}
template <class T, int N>
inline ShortVec<T, N> min(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane < b.lane ? a.lane : b.lane};
}
template <class T, int N>
inline ShortVec<T, N> max(ShortVec<T, N> a, ShortVec<T, N> b) {
    return {a.lane > b.lane ? a.lane : b.lane};
}
template <class T, int N>
inline ShortVec<T, N> where_negative(ShortVec<T, N> x, ShortVec<T, N> a, ShortVec<T, N> b) {
    return {x.bits() < 0 ? a.lane : b.lane};
}
template <class T, int N>
inline ShortVec<T, N> exponent_bits(ShortVec<T, N> t) {
    constexpr int mantissa_bits = sizeof(T) == 8 ? 52 : 23;
    return {reinterpret_cast<typename ShortVec<T, N>::Numbers>(t.bits() << mantissa_bits)};
}
// Whether any sign bit is set.
template <class T, int N>
inline bool any_negative(ShortVec<T, N> a) {
#if DENSELOOP_X86_64 && DENSELOOP_HAS_FMA
    if constexpr (sizeof(T) == 4) {
        return _mm_movemask_ps(a.lane) != 0;
    } else if constexpr (N == 2) {
        return _mm_movemask_pd(a.lane) != 0;
    } else {
        return _mm256_movemask_pd(a.lane) != 0;
    }
#else
    const auto bits = a.bits();
    auto any = bits[0];
    for (int i = 1; i < N; ++i) any |= bits[i];
    return any < 0;
#endif
}
// Whether all numbers are equal; NaN equals nothing.
template <class T, int N>
inline bool all_equal(ShortVec<T, N> a, ShortVec<T, N> b) {
    using Numbers = typename ShortVec<T, N>::Numbers;
    return !any_negative(ShortVec<T, N>{reinterpret_cast<Numbers>(a.lane != b.lane)});
}

}  // namespace denseloop::DENSELOOP_TARGET
