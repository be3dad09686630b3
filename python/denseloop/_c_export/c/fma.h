/* Whether the CPU has an instruction for x y + z, rounded once. */
#if defined(__GNUC__) && (defined(HAS_FAST_FMA) || defined(__FMA__) || defined(__aarch64__))
#define NAME_HAS_FMA
#elif defined(__GNUC__) && defined(__ARM_FEATURE_FMA) && defined(__ARM_FP)
#if __ARM_FP & ARM_FP_BIT
#define NAME_HAS_FMA
#endif
#endif

/* The libraries of MinGW and newlib (bare Arm) round twice. */
#if !defined(NAME_EMULATED_FMA) && !defined(NAME_HAS_FMA) && \
    (defined(__MINGW32__) || defined(__NEWLIB__))
#define NAME_EMULATED_FMA
#endif

#if defined(NAME_EMULATED_FMA)
/* FMA_BY_INTEGERS */
#elif defined(NAME_HAS_FMA)
/* The instruction, also with -ffreestanding and -O0, where fma would be a call of the library. */
static inline real name_fma(real x, real y, real z) { return BUILTIN_FMA(x, y, z); }
#else
#include <math.h>
static inline real name_fma(real x, real y, real z) { return LIBRARY_FMA(x, y, z); }
#endif
