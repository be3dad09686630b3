/* exp(-x) = power (1 - deficit - deficit_error) with power = 2^n, where 2^n is a normal number. */
typedef struct {
    real power, deficit, deficit_error, n;
} name_exp_parts;

/* EXP_POLYNOMIAL */

/* 2^n, which is in the low bits of t. */
static inline real name_exponent_bits(real t) {
    return name_from_bits((word_t)(name_bits(t) << MANTISSA_BITS));
}

static inline name_exp_parts name_exp_minus(real x) {
    name_exp_parts e;
    const real t = name_fma(-x, EXP_LOG2_E, EXP_ROUNDING);
    const real n = t - EXP_ROUNDING;
    const real s = name_fma(n, EXP_LN2_LO, name_fma(n, EXP_LN2_HI, x));
    const real s2 = s * s, q = name_exp_polynomial(s);
    e.power = name_exponent_bits(t);
    e.deficit = name_fma(-s2, q, s);
    e.deficit_error = name_fma(-s2, q, s - e.deficit);
    e.n = n;
    return e;
}

/* exp(-x) of any x; 2^n is a product of two factors, since it may be subnormal or overflow. */
static inline real name_exp_minus_far_out(real x) {
    const name_exp_parts e = name_exp_minus(name_max(-EXP_VANISHING, name_min(EXP_VANISHING, x)));
    const real half_n = name_fma(e.n, REAL(0.5), EXP_ROUNDING) - EXP_ROUNDING;
    const real power = name_exponent_bits(half_n + EXP_ROUNDING);
    return name_product(name_fma(-e.deficit, power, power),
                        name_exponent_bits((e.n - half_n) + EXP_ROUNDING));
}

/* exp(-x) where 2^n is a normal number. */
static inline real name_near_exp_minus(real x) {
    const name_exp_parts e = name_exp_minus(x);
    return name_fma(-e.deficit, e.power, e.power);
}
