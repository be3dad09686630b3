#if defined(__FAST_MATH__) || defined(_M_FP_FAST)
#error "NAME: -ffast-math and /fp:fast would change the results; compile without them"
#endif
#if (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || defined(__NO_SIGNED_ZEROS__) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "NAME: parts of -ffast-math would change the results; compile without them"
#endif

#include <float.h>
#include <stdint.h>
#include <string.h>

#if REAL_MANT_DIG != SIGNIFICAND_BITS
#error "NAME: the type real must be that of IEEE 754"
#endif

/* Not so with -fsingle-precision-constant, which would round the constants. */
typedef char name_has_double_constants[sizeof(1.0) == sizeof(double) ? 1 : -1];

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "NAME: sums must not have extra digits; on x86 compile with -msse2 -mfpmath=sse"
#endif
