/* The product is exact in double. The sum is rounded to odd, which decides every rounding to float
   (S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums", 2008). */
static inline float name_fma(float x, float y, float z) {
    const double product = (double)x * (double)y, addend = (double)z, high = product + addend;
    const double addend_part = high - product;
    const double low = (product - (high - addend_part)) + (addend - addend_part);
    double odd = high;
    uint64_t bits;
    NAME_COPY(&bits, &high, sizeof bits);
    if (low != 0 && (bits & 1) == 0 && (bits >> 52 & 0x7FF) != 0x7FF) {
        bits = (low > 0) == (high > 0) ? bits + 1 : bits - 1;
        NAME_COPY(&odd, &bits, sizeof odd);
    }
    return (float)odd;
}
