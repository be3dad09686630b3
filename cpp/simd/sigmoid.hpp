// The sigmoid and the hyperbolic tangent of a vector or a pair of vectors (V).
//
//   function            largest error, at all x
//   fast_sigmoid        2 ULP
//   fast_tanh           1.6 ULP
//   sigmoid             0.72 ULP, and 0.78 if it is subnormal
//   sigmoid_derivative  2 ULP for x <= 0; see there for x > 0
//
// The sigmoids were measured at every float32 and at a million float64, fast_tanh at 64 million and
// 32 million numbers. Each function of NaN is NaN.
#pragma once

#include "base/compiler.hpp"
#include "simd/exponential.hpp"

namespace denseloop::DENSELOOP_TARGET {

// The sigmoid of the training loop, 1 / (1 + exp(-x)). For x >= -16, 1 + power is exact and the sum
// is rounded once, as in the formula. Below, 1 + power may be inexact, so the power is added last;
// and far out, where exp(-x) would overflow, the sigmoid is exp(x).
template <class V>
inline V fast_sigmoid(V x) {
    using K = ExpConstants<typename Constant<V>::Number>;
    const V largest = constant<V>(K::largest), one = constant<V>(1);
    const V above = x + constant<V>(16);
    const ExpMinus<V> e = exp_minus(min(largest, x));
    const V divisor = fnma(e.deficit, e.power, one + e.power);
    if (!any_negative(above)) [[likely]]
        return one / divisor;
    const V below = fnma(e.deficit, e.power, one) + e.power;
    return or_far_out(x + largest, constant<V>(0) - x, one / where_negative(above, below, divisor));
}

// fast_sigmoid() of a number that changes little from call to call and that the next operation
// waits for. Its power of 2 is mostly that of the call before. A branch on that, which the CPU
// predicts, lets the rest begin without it, and without the steps for numbers far out. Needs
// all_equal().
template <class V>
class SteadySigmoid {
public:
    DENSELOOP_ALWAYS_INLINE inline V of(V x) {
        const V t = fnma(x, constant<V>(K::log2_e), constant<V>(K::rounding));
        if (!all_equal(t, t_)) [[unlikely]] {
            remember(x, t);
            return fast_sigmoid(x);
        }
        const V s = fma(n_, constant<V>(K::ln2_lo), n_ln2_hi_ + x);  // n ln2_hi is exact
        const V s2 = s * s, deficit = fnma(s2, exp_polynomial(s, s2), s);
        return constant<V>(1) / fnma(deficit, power_, one_and_power_);
    }

private:
    using K = ExpConstants<typename Constant<V>::Number>;

    // Numbers of the same t are less than 1 apart, so these are all within [-16, largest].
    DENSELOOP_ALWAYS_INLINE inline void remember(V x, V t) {
        const bool inside =
            !any_negative(x + constant<V>(15)) && !any_negative(constant<V>(K::largest - 1) - x);
        t_ = inside ? t : constant<V>(quiet_nan);
        n_ = t - constant<V>(K::rounding);
        n_ln2_hi_ = n_ * constant<V>(K::ln2_hi);
        power_ = exponent_bits(t);
        one_and_power_ = constant<V>(1) + power_;
    }

    // Of the latest call that was inside.
    V t_ = constant<V>(quiet_nan), n_ = t_, n_ln2_hi_ = t_, power_ = t_, one_and_power_ = t_;
};

// The hyperbolic tangent of the training loop: E / (2 - E) with E = 1 - exp(-2 |x|). The power of 2
// and the deficit give E without cancellation, however small x is. The quotient q is corrected for
// the rounding of E and of the division; 1 / (2 - E) is (1 + q) / 2.
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

// accurate is the public sigmoid. plain is 1 / (1 + exp(-|x|)) rounded at every step, as in the
// textbook formula.
template <class V>
struct Sigmoids {
    V accurate, plain;
};

// exp(-|x|) is a high and a low part, and one Newton step corrects the quotient.
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
    // 2^n is a product of two factors where it may be subnormal.
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
    // The quotient is (hi + lo or 1) / (d + d_error).
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

// s(x) (1 - s(x)). For x > 0 it uses the sigmoid rounded as in the formula, because 1 - s magnifies
// that rounding and the figures of published programs depend on it.
template <class V>
inline V sigmoid_derivative(V x) {
    const Sigmoids<V> s = sigmoids(x);
    const V value = where_negative(x, s.accurate, s.plain);
    return fnma(value, value, value);
}

}  // namespace denseloop::DENSELOOP_TARGET
