/* An integer of 128 bits. */
typedef struct {
    uint64_t high, low;
} name_wide;

static inline name_wide name_wide_product(uint64_t x, uint64_t y) {
    const uint64_t x_low = x & 0xFFFFFFFFu, x_high = x >> 32;
    const uint64_t y_low = y & 0xFFFFFFFFu, y_high = y >> 32;
    const uint64_t low = x_low * y_low, one = x_high * y_low + (low >> 32);
    const uint64_t other = x_low * y_high + (one & 0xFFFFFFFFu);
    name_wide product;
    product.high = x_high * y_high + (one >> 32) + (other >> 32);
    product.low = (other << 32) | (low & 0xFFFFFFFFu);
    return product;
}

static inline int name_leading_zeros(name_wide x) {
    uint64_t word = x.high != 0 ? x.high : x.low;
    int zeros = x.high != 0 ? 0 : 64;
    if (word == 0) return 128;
    for (; (word >> 63) == 0; word <<= 1) ++zeros;
    return zeros;
}

static inline name_wide name_shift_left(name_wide x, int shift) {
    if (shift >= 64) {
        x.high = x.low << (shift - 64);
        x.low = 0;
    } else if (shift > 0) {
        x.high = (x.high << shift) | (x.low >> (64 - shift));
        x.low <<= shift;
    }
    return x;
}

/* x / 2^shift; the last bit is set if a bit was shifted out. */
static inline name_wide name_shift_right(name_wide x, int shift) {
    uint64_t lost = 0;
    if (shift > 127) {
        lost = x.high | x.low;
        x.high = x.low = 0;
    } else if (shift > 64) {
        lost = x.low | (x.high << (128 - shift));
        x.low = x.high >> (shift - 64);
        x.high = 0;
    } else if (shift == 64) {
        lost = x.low;
        x.low = x.high;
        x.high = 0;
    } else if (shift > 0) {
        lost = x.low << (64 - shift);
        x.low = (x.low >> shift) | (x.high << (64 - shift));
        x.high >>= shift;
    }
    x.low |= lost != 0;
    return x;
}

/* The significand of a finite number that is not 0, which is it times 2^exponent. */
static inline uint64_t name_significand(double x, int* exponent) {
    const uint64_t bits = name_bits(x), fraction = bits & 0xFFFFFFFFFFFFFu;
    const int field = (int)(bits >> 52 & 0x7FF);
    *exponent = (field != 0 ? field : 1) - 1075;
    return field != 0 ? fraction | (uint64_t)1 << 52 : fraction;
}

/* magnitude times 2^exponent, rounded to the nearest double, ties to even. */
static inline uint64_t name_rounded_bits(name_wide magnitude, int exponent) {
    const int up = name_leading_zeros(magnitude) - 1;
    int unit, shift;
    uint64_t significand, sticky;
    magnitude = name_shift_left(magnitude, up); /* the highest bit is at 126 */
    exponent -= up;
    unit = exponent + 74 > -1074 ? exponent + 74 : -1074; /* of the last bit */
    shift = unit - exponent;
    if (shift > 127) return 0;
    magnitude = name_shift_right(magnitude, shift - 2); /* two bits are left to be rounded */
    sticky = magnitude.low & 3;
    significand = magnitude.low >> 2 | magnitude.high << 62;
    if (sticky == 3 || (sticky == 2 && (significand & 1) != 0)) ++significand;
    if (significand == (uint64_t)1 << 53) {
        significand >>= 1;
        ++unit;
    }
    if (unit + 1074 > 2045) return (uint64_t)0x7FF << 52;
    return ((uint64_t)(unit + 1074) << 52) + significand;
}

static inline double name_fma(double x, double y, double z) {
    const uint64_t finite = (uint64_t)0x7FF << 52, sign_bit = (uint64_t)1 << 63;
    const double infinity_or_nan = name_product(x, y);
    uint64_t sign;
    int x_exponent, y_exponent, z_exponent, product_exponent, exponent, up;
    name_wide product, addend, sum;
    if ((name_bits(x) & finite) == finite || (name_bits(y) & finite) == finite)
        return infinity_or_nan + z;
    if ((name_bits(z) & finite) == finite) return z;
    if (x == 0 || y == 0) return infinity_or_nan + z;

    /* Both get their highest bit at 125 at most; the bits below the product's are 0. */
    product = name_wide_product(name_significand(x, &x_exponent), name_significand(y, &y_exponent));
    up = name_leading_zeros(product) - 2;
    product = name_shift_left(product, up);
    product_exponent = x_exponent + y_exponent - up;
    sign = (name_bits(x) ^ name_bits(y)) & sign_bit;
    if (z == 0) return name_from_bits(sign | name_rounded_bits(product, product_exponent));
    addend.high = 0;
    addend.low = name_significand(z, &z_exponent);
    up = name_leading_zeros(addend) - 2;
    addend = name_shift_left(addend, up);
    z_exponent -= up;
    exponent = product_exponent > z_exponent ? product_exponent : z_exponent;
    product = name_shift_right(product, exponent - product_exponent);
    addend = name_shift_right(addend, exponent - z_exponent);
    if (sign == (name_bits(z) & sign_bit)) {
        sum.low = product.low + addend.low;
        sum.high = product.high + addend.high + (sum.low < addend.low);
    } else {
        if (product.high < addend.high ||
            (product.high == addend.high && product.low < addend.low)) {
            const name_wide larger = addend;
            addend = product;
            product = larger;
            sign ^= sign_bit;
        }
        sum.low = product.low - addend.low;
        sum.high = product.high - addend.high - (product.low < addend.low);
    }
    if (sum.high == 0 && sum.low == 0) return 0;
    return name_from_bits(sign | name_rounded_bits(sum, exponent));
}
