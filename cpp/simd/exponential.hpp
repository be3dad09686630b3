// exp and log on the virtual vector or a pair of them (V), by arithmetic alone (no table, no libm).
//
// All of them reduce by exp(-x) = 2^n exp(-s) with |s| <= ln(2)/2 and exp(-s) = 1 - s + s^2 Q(s),
// Q a minimax polynomial made by tools/exp_coefficients.py. n is rounded by adding 1.5 *
// 2^mantissa_bits + bias: the low bits of that sum are then the exponent field of 2^n.
#pragma once

#include DENSELOOP_SIMD
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct ExpConstants;

template <>
struct ExpConstants<double> {
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double ln2_hi = 0x1.62e42fefa38p-1;  // 42 bits: n * ln2_hi is exact
    static constexpr double ln2_lo = 0x1.ef35793c76730p-45;
    static constexpr double rounding = 0x1.8p52 + 1023;
    static constexpr double largest = 708;    // 2^n stays normal for |x| up to here
    static constexpr double vanishing = 746;  // sigmoid(-x) is 0 from here on
    static constexpr double deepest = -1000;  // the exponent down to which one factor 2^n serves
    // Q, lowest power first; relative error of exp 2^-56
    static constexpr double q[] = {0x1.000000000000ap-1,  -0x1.55555555554f9p-3,
                                   0x1.555555555083dp-5,  -0x1.1111111127d10p-7,
                                   0x1.6c16c18438e15p-10, -0x1.a01a012a0f2f2p-13,
                                   0x1.a01999e1ec9b3p-16, -0x1.71df25b244db5p-19,
                                   0x1.28ad9be8e1b51p-22, -0x1.ad7f4113faffap-26};
};

template <>
struct ExpConstants<float> {
    static constexpr float log2_e = 0x1.715476p+0f;
    static constexpr float ln2_hi = 0x1.62e4p-1f;  // 15 bits
    static constexpr float ln2_lo = 0x1.7f7d1cp-20f;
    static constexpr float rounding = 0x1.8p23f + 127;
    static constexpr float largest = 87;
    static constexpr float vanishing = 104;
    static constexpr float deepest = -100;
    // relative error of exp 2^-28
    static constexpr float q[] = {0x1.fffffcp-2f, -0x1.555492p-3f, 0x1.5558f2p-5f, -0x1.123a20p-7f,
                                  0x1.6a23ccp-10f};
};

// Q(s): even and odd powers in two chains, which halves the latency for one operation more.
template <class V>
inline V exp_polynomial(V s, V s2) {
    using K = ExpConstants<typename Constant<V>::Number>;
    constexpr int degree = sizeof(K::q) / sizeof(K::q[0]) - 1;
    const auto chain = [&](int k) {
        V p = constant<V>(K::q[k]);
        for (k -= 2; k >= 0; k -= 2) p = fma(p, s2, constant<V>(K::q[k]));
        return p;
    };
    const V even = chain(degree - degree % 2);
    const V odd = chain(degree - 1 + degree % 2);
    return fma(odd, s, even);
}

// exp(-x) = power (1 - deficit - deficit_error), for |x| <= largest
template <class V>
struct ExpMinus {
    V power, deficit, deficit_error;
};

template <class V>
inline ExpMinus<V> exp_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V t = fnma(x, constant<V>(K::log2_e), constant<V>(K::rounding));
    const V n = t - constant<V>(K::rounding);
    const V s = fma(n, constant<V>(K::ln2_lo), fma(n, constant<V>(K::ln2_hi), x));
    const V s2 = s * s, q = exp_polynomial(s, s2);
    const V deficit = fnma(s2, q, s);
    return {exponent_bits(t), deficit, fnma(s2, q, s - deficit)};
}

// exp(-x) for x >= 0; above 708 (87 in float32) exp(-708), so never 0.
template <class V>
inline V exp_of_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const ExpMinus<V> e = exp_minus(min(constant<V>(K::largest), x));
    return fnma(e.deficit, e.power, e.power);
}

// atanh(f) / f from f^2: the first terms of 1 + f^2 / 3 + f^4 / 5 + ...
template <int Terms, class T>
inline Vec<T> atanh_series(Vec<T> f2) {
    Vec<T> series = broadcast(T(1) / (2 * Terms - 1));
    for (int k = Terms - 2; k >= 0; --k) series = fma(series, f2, broadcast(T(1) / (2 * k + 1)));
    return series;
}

// log(x) for finite x >= 1, within a few ULP: x = m 2^e, log(m) = 2 atanh((m - 1) / (m + 1)).
template <class T>
inline Vec<T> log_from_1(Vec<T> x) {
    const Vec<T> one = broadcast(T(1));
    Vec<T> m = mantissa(x), e = exponent(x);
    const Vec<T> below_sqrt2 = broadcast(T(1.41421356237309515)) - m;
    m = where_negative(below_sqrt2, m * broadcast(T(0.5)), m);
    e = where_negative(below_sqrt2, e + one, e);
    const Vec<T> f = (m - one) / (m + one);  // |f| <= 0.172
    return fma(e, broadcast(T(0.693147180559945309)),
               (f + f) * atanh_series<(sizeof(T) == 8 ? 11 : 5)>(f * f));
}

// exp(x); beyond +-708 (87 in float32) it stays at its value there, so that it is never 0 or
// infinite.
template <class V>
inline V exp(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V zero = constant<V>(0), largest = constant<V>(K::largest);
    const ExpMinus<V> e = exp_minus(max(zero - largest, min(largest, zero - x)));
    return fnma(e.deficit, e.power, e.power);
}

// log(1 + e) for 0 <= e <= 1, within a few ULP however small e is: 2 atanh(e / (2 + e)).
template <class T>
inline Vec<T> log_1_plus(Vec<T> e) {
    const Vec<T> f = e / (broadcast(T(2)) + e);  // at most 1/3
    return (f + f) * atanh_series<(sizeof(T) == 8 ? 17 : 8)>(f * f);
}

}  // namespace denseloop::DENSELOOP_TARGET
