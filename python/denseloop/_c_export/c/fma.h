/* The libraries of MinGW and newlib (bare Arm) round twice where the CPU has no instruction. */
#if !defined(NAME_EMULATED_FMA) && !defined(HAS_FAST_FMA) && \
    (defined(__MINGW32__) || defined(__NEWLIB__))
#define NAME_EMULATED_FMA
#endif

/* x y + z, rounded once: by the library, or for NAME_EMULATED_FMA by integers. */
#if !defined(NAME_EMULATED_FMA)
#include <math.h>
static inline real name_fma(real x, real y, real z) { return LIBRARY_FMA(x, y, z); }
#else
/* FMA_BY_INTEGERS */
#endif
