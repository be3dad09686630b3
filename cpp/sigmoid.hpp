// exp, log and the sigmoid on the virtual vector or a pair of them (V), by arithmetic alone (no
// table, no libm).
//
// All of them reduce by exp(-x) = 2^n exp(-s) with |s| <= ln(2)/2 and exp(-s) = 1 - s + s^2 Q(s),
// Q a minimax polynomial made by tools/exp_coefficients.py. n is rounded by adding 1.5 *
// 2^mantissa_bits + bias: the low bits of that sum are then the exponent field of 2^n.
#pragma once

#include DENSELOOP_SIMD
#include "vector_pair.hpp"

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

// exp(-x) = power (1 - deficit), for |x| <= largest
template <class V>
struct ExpMinus {
    V power, deficit;
};

template <class V>
inline ExpMinus<V> exp_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V t = fnma(x, constant<V>(K::log2_e), constant<V>(K::rounding));
    const V n = t - constant<V>(K::rounding);
    const V s = fma(n, constant<V>(K::ln2_lo), fma(n, constant<V>(K::ln2_hi), x));
    const V s2 = s * s;
    return {exponent_bits(t), fnma(s2, exp_polynomial(s, s2), s)};
}

// The sigmoid of the training loop, 1 / (1 + exp(-x)) for x >= -708 (-87 in float32): within 2 ULP
// at every float32 and at a million float64; below, it stays at its smallest value, about 3.3e-308
// (1.6e-38). Down to x = -16, 1 + power is exact and the sum is rounded once, as in the formula;
// below, where it need not be exact, the power is added last.
template <class V>
inline V fast_sigmoid(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V largest = constant<V>(K::largest), smallest = constant<V>(-K::largest);
    const V one = constant<V>(1), above = x + constant<V>(16);
    const ExpMinus<V> e = exp_minus(max(smallest, min(largest, x)));
    const V first = where_negative(above, one, one + e.power);
    const V last = where_negative(above, e.power, constant<V>(0));
    return one / (fnma(e.deficit, e.power, first) + last);
}

// exp(-x) for x >= 0; above 708 (87 in float32) exp(-708), so never 0.
template <class V>
inline V exp_of_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const ExpMinus<V> e = exp_minus(min(constant<V>(K::largest), x));
    return fnma(e.deficit, e.power, e.power);
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
    const Vec<T> f2 = f * f;
    constexpr int terms = sizeof(T) == 8 ? 11 : 5;
    Vec<T> series = broadcast(T(1) / (2 * terms - 1));
    for (int k = terms - 2; k >= 0; --k) series = fma(series, f2, broadcast(T(1) / (2 * k + 1)));
    return fma(e, broadcast(T(0.693147180559945309)), (f + f) * series);
}

// accurate: within 0.72 ULP, and 0.78 where the result is subnormal (over every float32 and a
// million float64).
// plain: 1 / (1 + exp(-|x|)) rounded at every step, as the textbook's formula is.
template <class V>
struct Sigmoids {
    V accurate, plain;
};

// exp(-|x|) as a high and a low part, and one Newton correction of the quotient.
template <class V>
inline Sigmoids<V> sigmoids(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V zero = constant<V>(0), one = constant<V>(1);
    const V z = min(constant<V>(K::vanishing), abs(x));
    const V t = fnma(z, constant<V>(K::log2_e), constant<V>(K::rounding));
    const V n = t - constant<V>(K::rounding);
    // -z = n ln 2 - (s_hi + s_lo), s_hi exact
    const V s_hi = fma(n, constant<V>(K::ln2_hi), z);
    const V s_lo = n * constant<V>(K::ln2_lo);
    const V s = s_hi + s_lo;
    // exp(-s) = hi + lo
    const V s2 = s * s;
    const V first = one - s_hi;
    const V rest = fma(s2, exp_polynomial(s, s2), ((one - first) - s_hi) - s_lo);
    const V hi = first + rest;
    const V lo = (first - hi) + rest;
    // 2^n, as a product of two where it may lie below the normal numbers
    V power = exponent_bits(t), power_rest = one;
    const bool tail = any_negative(n - constant<V>(K::deepest));
    if (tail) {
        const V n_upper = max(constant<V>(K::deepest), n);
        power = exponent_bits(n_upper + constant<V>(K::rounding));
        power_rest = exponent_bits((n - n_upper) + constant<V>(K::rounding));
    }
    // 1 + exp(-z) = d + d_error
    const V d = fma(power, hi, one);
    const V d_error = fma(power, lo, fma(power, hi, one - d));
    // the quotient (hi + lo or 1) / (d + d_error)
    const V reciprocal = one / d;
    const V numerator = where_negative(x, hi, one);
    const V numerator_error = where_negative(x, lo, zero);
    const V estimate = numerator * reciprocal;
    const V remainder = fnma(estimate, d, numerator) + fnma(estimate, d_error, numerator_error);
    const V quotient = fma(remainder, reciprocal, estimate);
    V below_half = quotient * power;
    if (tail) below_half = below_half * power_rest;
    return {where_negative(x, below_half, quotient), reciprocal};
}

// The public sigmoid.
template <class V>
inline V sigmoid(V x) {
    return sigmoids(x).accurate;
}

// s(x) (1 - s(x)). Where s is above 1/2 it is rounded as the formula rounds it: 1 - s magnifies the
// rounding, and a listing's figures depend on that. Elsewhere within 2 ULP.
template <class V>
inline V sigmoid_derivative(V x) {
    const Sigmoids<V> s = sigmoids(x);
    const V value = where_negative(x, s.accurate, s.plain);
    return fnma(value, value, value);
}

}  // namespace denseloop::DENSELOOP_TARGET
