// One number with the operations of a vector's lane, for functions of a single number: a vector
// would compute all its lanes, and on AVX2 storing one of them alone is slow.
#pragma once

#include "simd/bits.hpp"
#include "simd/scalar_fma.hpp"
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Single {
    T value;
};

template <class T>
struct Constant<Single<T>> {
    using Number = T;
    static inline Single<T> of(T x) { return {x}; }
};

template <class T>
inline Single<T> operator+(Single<T> x, Single<T> y) {
    return {x.value + y.value};
}
template <class T>
inline Single<T> operator-(Single<T> x, Single<T> y) {
    return {x.value - y.value};
}
template <class T>
inline Single<T> operator*(Single<T> x, Single<T> y) {
    return {x.value * y.value};
}
template <class T>
inline Single<T> operator/(Single<T> x, Single<T> y) {
    return {x.value / y.value};
}
template <class T>
inline Single<T> fma(Single<T> x, Single<T> y, Single<T> z) {
    return {scalar_fma(x.value, y.value, z.value)};
}
template <class T>
inline Single<T> fnma(Single<T> x, Single<T> y, Single<T> z) {
    return {scalar_fma(-x.value, y.value, z.value)};
}
template <class T>
inline Single<T> min(Single<T> x, Single<T> y) {
    return {x.value < y.value ? x.value : y.value};
}
template <class T>
inline Single<T> abs(Single<T> x) {
    return {from_bits(to_bits(x.value) & ~Format<T>::sign)};
}
template <class T>
inline bool any_negative(Single<T> x) {
    return (to_bits(x.value) & Format<T>::sign) != 0;
}
template <class T>
inline Single<T> max(Single<T> x, Single<T> y) {
    return {x.value > y.value ? x.value : y.value};
}
template <class T>
inline Single<T> where_negative(Single<T> x, Single<T> y, Single<T> z) {
    return any_negative(x) ? y : z;
}
template <class T>
inline Single<T> exponent_bits(Single<T> x) {
    return {from_bits(to_bits(x.value) << Format<T>::mantissa_bits)};
}

}  // namespace denseloop::DENSELOOP_TARGET
