/* x y + z, rounded twice: the same on machines with and without a fused multiply-add. */
static inline real name_fma(real x, real y, real z) { return name_product(x, y) + z; }
