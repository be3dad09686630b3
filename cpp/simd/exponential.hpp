// exp and log by arithmetic alone, with no table and no libm. V is a vector or a pair of vectors.
//
//   function      largest error  valid range          outside
//   exp           1.1 ULP        all x
//   exp_of_minus  1.1 ULP        0 <= x <= 708 (87)   exp(-708) (exp(-87)) above, undefined below
//   log_from_1    3 ULP          finite x >= 1        undefined
//   log_1_plus    3 ULP          0 <= e <= 1          undefined
//
// The numbers in brackets are for float32. The errors were measured at every seventh float32 and at
// four million random float64. The exponentials of NaN are NaN.
//
// exp(-x) = 2^n exp(-s) with |s| <= ln(2)/2, and exp(-s) = 1 - s + s^2 Q(s), where
// tools/exp_coefficients.py makes the minimax polynomial Q. Adding 1.5 * 2^mantissa_bits + bias
// rounds n; the low bits of the sum are then the exponent field of 2^n.
#pragma once

#include DENSELOOP_SIMD
#include "base/compiler.hpp"
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
    static constexpr double vanishing = 746;  // exp(-x) is 0 for x of this and more
    static constexpr double deepest = -1000;  // 2^n needs a second factor for n below this
    // Q, lowest power first; it gives exp a relative error of 2^-56
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
    // relative error 2^-28
    static constexpr float q[] = {0x1.fffffcp-2f, -0x1.555492p-3f, 0x1.5558f2p-5f, -0x1.123a20p-7f,
                                  0x1.6a23ccp-10f};
};

// Q(s). Separate chains of even and odd powers halve the latency and cost one operation more.
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

// exp(-x) = power (1 - deficit - deficit_error) with power = 2^n, for |x| <= largest
template <class V>
struct ExpMinus {
    V power, deficit, deficit_error, n;
};

template <class V>
inline ExpMinus<V> exp_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V t = fnma(x, constant<V>(K::log2_e), constant<V>(K::rounding));
    const V n = t - constant<V>(K::rounding);
    const V s = fma(n, constant<V>(K::ln2_lo), fma(n, constant<V>(K::ln2_hi), x));
    const V s2 = s * s, q = exp_polynomial(s, s2);
    const V deficit = fnma(s2, q, s);
    return {exponent_bits(t), deficit, fnma(s2, q, s - deficit), n};
}

// exp(-x) for any x. 2^n is a product of two factors, since it may be subnormal or overflow. Not
// inlined: few kernels ever need it, and it would make all longer.
template <class V>
DENSELOOP_NOINLINE V exp_minus_far_out(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V bound = constant<V>(K::vanishing), rounding = constant<V>(K::rounding);
    const ExpMinus<V> e = exp_minus(max(constant<V>(0) - bound, min(bound, x)));
    const V half_n = fma(e.n, constant<V>(0.5), rounding) - rounding;
    const V power = exponent_bits(half_n + rounding);
    return fnma(e.deficit, power, power) * exponent_bits((e.n - half_n) + rounding);
}

// `near`, but exp(-x) where `inside` is negative: where a function's own arithmetic fails.
template <class V>
inline V or_far_out(V inside, V x, V near) {
    if (any_negative(inside)) [[unlikely]] {
        return where_negative(inside, exp_minus_far_out(x), near);
    }
    return near;
}

// exp(-x) where |x| <= largest
template <class V>
inline V near_exp_minus(V x) {
    const ExpMinus<V> e = exp_minus(x);
    return fnma(e.deficit, e.power, e.power);
}

// exp(-x), which is never 0.
template <class V>
inline V exp_of_minus(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    return near_exp_minus(min(constant<V>(K::largest), x));
}

// atanh(f) / f as the first terms of 1 + f^2 / 3 + f^4 / 5 + ...
template <int Terms, class T>
inline Vec<T> atanh_series(Vec<T> f2) {
    Vec<T> series = broadcast(T(1) / (2 * Terms - 1));
    for (int k = Terms - 2; k >= 0; --k) series = fma(series, f2, broadcast(T(1) / (2 * k + 1)));
    return series;
}

// log(x) = e log(2) + log(m) for x = m 2^e, and log(m) = 2 atanh((m - 1) / (m + 1)).
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

template <class V>
inline V exp(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V minus_x = constant<V>(0) - x;
    return or_far_out(constant<V>(K::largest) - abs(x), minus_x, near_exp_minus(minus_x));
}

// log(1 + e) = 2 atanh(e / (2 + e)), accurate however small e is.
template <class T>
inline Vec<T> log_1_plus(Vec<T> e) {
    const Vec<T> f = e / (broadcast(T(2)) + e);  // at most 1/3
    return (f + f) * atanh_series<(sizeof(T) == 8 ? 17 : 8)>(f * f);
}

}  // namespace denseloop::DENSELOOP_TARGET
