static inline real name_exp(real x) {
    const real minus_x = REAL(0) - x;
    if (name_is_negative(EXP_LARGEST - name_abs(x))) return name_exp_minus_far_out(minus_x);
    return name_near_exp_minus(minus_x);
}
