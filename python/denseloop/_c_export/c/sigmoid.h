/* 1 / (1 + exp(-x)), which far out is exp(x). */
static inline real name_sigmoid(real x) {
    const name_exp_parts e = name_exp_minus(name_min(EXP_LARGEST, x));
    const real divisor = name_fma(-e.deficit, e.power, REAL(1) + e.power);
    if (name_is_negative(x + EXP_LARGEST)) return name_exp_minus_far_out(REAL(0) - x);
    if (name_is_negative(x + REAL(16)))
        return REAL(1) / (name_fma(-e.deficit, e.power, REAL(1)) + e.power);
    return REAL(1) / divisor;
}
