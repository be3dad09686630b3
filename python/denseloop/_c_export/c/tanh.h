/* E / (2 - E) with E = 1 - exp(-2 |x|), corrected for the rounding of E and of the quotient. */
static inline real name_tanh(real x) {
    const real z = name_min(REAL(40), name_abs(x));
    const name_exp_parts e = name_exp_minus(z + z);
    const real from_power = REAL(1) - e.power;
    const real rest = name_fma(e.power, e.deficit, from_power);
    const real rest_error =
        name_fma(e.power, e.deficit_error, name_fma(e.power, e.deficit, from_power - rest));
    const real divisor = REAL(2) - rest;
    const real q = rest / divisor, one_more = REAL(1) + q;
    const real remainder = name_fma(rest_error, one_more, name_fma(-q, divisor, rest));
    const real t = name_fma(remainder * one_more, REAL(0.5), q);
    return name_is_negative(x) ? REAL(-1) * t : t;
}
