/* No call, also with -ffreestanding. */
#if defined(__GNUC__)
#define NAME_COPY __builtin_memcpy
#else
#define NAME_COPY memcpy
#endif

static inline word_t name_bits(real x) {
    word_t bits;
    NAME_COPY(&bits, &x, sizeof bits);
    return bits;
}

static inline real name_from_bits(word_t bits) {
    real x;
    NAME_COPY(&x, &bits, sizeof x);
    return x;
}

/* Whether the sign bit is set, also that of a zero. */
static inline int name_is_negative(real x) { return (int)(name_bits(x) >> (WORD_BITS - 1)); }

static inline real name_abs(real x) {
    return name_from_bits((word_t)(name_bits(x) & ((word_t)-1 >> 1)));
}

/* The second number where one is not a number. */
static inline real name_min(real x, real y) { return x < y ? x : y; }
static inline real name_max(real x, real y) { return x > y ? x : y; }

/* A product that no compiler fuses with a sum. */
static inline real name_product(real x, real y) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(HAS_FAST_FMA)
    const real product = x * y; /* the CPU has no fused multiply-add */
#else
    const volatile real product = x * y;
#endif
    return product;
}
