// a * b + c of single numbers, rounded once. It is an instruction where the target has one and is
// computed otherwise, so that every CPU gives the same bits.
//
// DENSELOOP_FMA_CALL keeps the computation in functions that are called: inlined everywhere, it
// would be half of the library, for the sake of a target that hardly any CPU needs.
#pragma once

#include "base/arithmetic.hpp"

#if DENSELOOP_HAS_FMA
#define DENSELOOP_FMA_CALL
#else
#define DENSELOOP_FMA_CALL DENSELOOP_NOINLINE
#include "simd/emulated_fma.hpp"
#endif

namespace denseloop::DENSELOOP_TARGET {

#if DENSELOOP_HAS_FMA
inline double scalar_fma(double a, double b, double c) { return hardware_fma(a, b, c); }
inline float scalar_fma(float a, float b, float c) { return hardware_fma(a, b, c); }
#else
DENSELOOP_FMA_CALL inline double scalar_fma(double a, double b, double c) {
    return is_negative(negative_if_extreme(a, b, c)) ? exact_fma(a, b, c) : simple_fma(a, b, c);
}
DENSELOOP_FMA_CALL inline float scalar_fma(float a, float b, float c) {
    return simple_fma(a, b, c);
}
#endif

}  // namespace denseloop::DENSELOOP_TARGET
