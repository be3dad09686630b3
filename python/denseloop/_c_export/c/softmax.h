static inline void name_softmax(const real* z, real* a, int units) {
    real largest = z[0], total = REAL(0);
    int j;
    for (j = 1; j < units; ++j) largest = name_max(largest, z[j]);
    for (j = 0; j < units; ++j) {
        const real below = largest - z[j];
        a[j] = name_is_negative(EXP_LARGEST - below) ? name_exp_minus_far_out(below)
                                                     : name_near_exp_minus(below);
        total = total + a[j];
    }
    for (j = 0; j < units; ++j) a[j] = a[j] / total;
}
