#if defined(__FAST_MATH__) || defined(_M_FP_FAST)
#error "NAME: -ffast-math and /fp:fast would change the results; compile without them"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "NAME: -ffinite-math-only would change the results; compile without it"
#endif

#include <float.h>
#include <stdint.h>
#include <string.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "NAME: sums must not have extra digits; on x86 compile with -msse2 -mfpmath=sse"
#endif
