// Two vectors as one, so that two long chains of operations overlap. A processor sees too few
// operations ahead to overlap them itself: the public sigmoid gains 10 %.
#pragma once

#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Pair {
    Vec<T> a, b;
};

// constant<V>(x) has x in every lane, for V = Vec<T> or Pair<T>.
template <class V>
struct Constant;
template <class T>
struct Constant<Vec<T>> {
    using Number = T;
    static inline Vec<T> of(T x) { return broadcast(x); }
};
template <class T>
struct Constant<Pair<T>> {
    using Number = T;
    static inline Pair<T> of(T x) { return {broadcast(x), broadcast(x)}; }
};
template <class V>
inline V constant(typename Constant<V>::Number x) {
    return Constant<V>::of(x);
}

template <class T>
inline Pair<T> operator+(Pair<T> x, Pair<T> y) {
    return {x.a + y.a, x.b + y.b};
}
template <class T>
inline Pair<T> operator-(Pair<T> x, Pair<T> y) {
    return {x.a - y.a, x.b - y.b};
}
template <class T>
inline Pair<T> operator*(Pair<T> x, Pair<T> y) {
    return {x.a * y.a, x.b * y.b};
}
template <class T>
inline Pair<T> operator/(Pair<T> x, Pair<T> y) {
    return {x.a / y.a, x.b / y.b};
}
template <class T>
inline Pair<T> fma(Pair<T> x, Pair<T> y, Pair<T> z) {
    return {fma(x.a, y.a, z.a), fma(x.b, y.b, z.b)};
}
template <class T>
inline Pair<T> fnma(Pair<T> x, Pair<T> y, Pair<T> z) {
    return {fnma(x.a, y.a, z.a), fnma(x.b, y.b, z.b)};
}
template <class T>
inline Pair<T> min(Pair<T> x, Pair<T> y) {
    return {min(x.a, y.a), min(x.b, y.b)};
}
template <class T>
inline Pair<T> max(Pair<T> x, Pair<T> y) {
    return {max(x.a, y.a), max(x.b, y.b)};
}
template <class T>
inline Pair<T> abs(Pair<T> x) {
    return {abs(x.a), abs(x.b)};
}
template <class T>
inline Pair<T> where_negative(Pair<T> x, Pair<T> y, Pair<T> z) {
    return {where_negative(x.a, y.a, z.a), where_negative(x.b, y.b, z.b)};
}
template <class T>
inline Pair<T> exponent_bits(Pair<T> x) {
    return {exponent_bits(x.a), exponent_bits(x.b)};
}
template <class T>
inline bool any_negative(Pair<T> x) {
    return any_negative(x.a) || any_negative(x.b);
}

// Every lane becomes -1, 0 or 1.
template <class V>
inline V sign(V x) {
    const V zero = constant<V>(0);
    return where_negative(zero - x, constant<V>(1),
                          where_negative(x + zero, constant<V>(-1), zero));  // -0 + 0 is +0
}

}  // namespace denseloop::DENSELOOP_TARGET
