// The sigmoid and the hyperbolic tangent on the virtual vector or a pair of them (V).
#pragma once

#include "simd/exponential.hpp"

namespace denseloop::DENSELOOP_TARGET {

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

// The hyperbolic tangent of the training loop, within 1.6 ULP: E / (2 - E) with E = 1 - exp(-2
// |x|), which the power of 2 and the deficit give without cancellation, however small x is. The
// quotient q is corrected by what the roundings of E and of the division left; 1 / (2 - E) is (1 +
// q) / 2.
template <class V>
inline V fast_tanh(V x) {
    const V one = constant<V>(1), two = constant<V>(2);
    const V z = min(constant<V>(40), abs(x));
    const ExpMinus<V> e = exp_minus(z + z);
    const V from_power = one - e.power;  // exact where the deficit matters
    const V rest = fma(e.power, e.deficit, from_power);
    const V rest_error = fma(e.power, e.deficit_error, fma(e.power, e.deficit, from_power - rest));
    const V divisor = two - rest;
    const V q = rest / divisor, one_more = one + q;
    const V remainder = fma(rest_error, one_more, fnma(q, divisor, rest));
    const V t = fma(remainder * one_more, constant<V>(0.5), q);
    return where_negative(x, constant<V>(-1) * t, t);
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
