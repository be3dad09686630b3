/* NORMAL_POLYNOMIAL */

/* The distribution function Phi of the standard normal distribution, and its density. For t = |x|,
   Phi(-t) = exp(-t^2 / 2) g(t) / (t + near), with a polynomial in t / (t + far) for g. 2^n is kept
   too large by a power of 2, so that it is no subnormal number. */
typedef struct {
    real cdf, density;
} name_normal;

static inline name_normal name_normal_at(real x) {
    name_normal normal;
    const real t = name_min(NORMAL_LARGEST, name_abs(x));
    /* exp(-t^2 / 2) = 2^n (first + rest), where n ln 2 - t^2 / 2 = s_lo - s_hi, s_hi exact */
    const real half_t = t * REAL(0.5);
    const real h = name_term(t, half_t), minus_h_lo = name_product_rest(t, half_t, h);
    const real shifted = name_fma(-h, EXP_LOG2_E, NORMAL_ROUNDING);
    const real n = shifted - NORMAL_ROUNDING;
    const real s_hi = name_fma(n, EXP_LN2_HI, h);
    const real s_lo = name_fma(-n, EXP_LN2_LO, minus_h_lo);
    const real s = s_hi - s_lo, s2 = s * s;
    const real first = REAL(1) - s_hi;
    const real rest = name_fma(s2, name_exp_polynomial(s), ((REAL(1) - first) - s_hi) + s_lo);
    const real power = name_exponent_bits(shifted);
    /* g / (t + near) = ratio + ratio_error */
    const real divisor = t + NORMAL_NEAR, divisor_error = t - (divisor - NORMAL_NEAR);
    const real far_divisor = t + NORMAL_FAR;
    const real reciprocal = REAL(1) / (divisor * far_divisor);
    const real w = name_product(t, divisor * reciprocal), inverse = far_divisor * reciprocal;
    const real p = name_normal_polynomial(w - NORMAL_CENTRE);
    const real ratio = name_fma(w, p, NORMAL_HALF_NEAR) * inverse;
    const real remainder = name_fma(w, p, name_fma(-ratio, divisor, NORMAL_HALF_NEAR));
    const real ratio_error = name_fma(-ratio, divisor_error, remainder) * inverse;
    /* Phi(-t) = upper first + lower; the products by a power of 2 are exact */
    const real upper = ratio * power;
    const real lower = name_fma(ratio_error, first, name_term(ratio, rest)) * power;
    const real below_half = name_fma(upper, first, lower) * NORMAL_UNSHIFT;
    const real above_half = name_fma(-upper, first, NORMAL_SHIFTED_HALF) - lower;
    normal.cdf = name_is_negative(x) ? below_half : name_fma(above_half, NORMAL_UNSHIFT, REAL(0.5));
    normal.density = ((first + rest) * power) * NORMAL_INV_SQRT_2PI_UNSHIFT;
    return normal;
}

/* x Phi(x). Phi is 0 from -39 down, and 0 times infinity would be no number. */
static inline real name_gelu(real x) {
    const real z = name_max(REAL(-64), x);
    return z * name_normal_at(z).cdf;
}
