// a * b + c of single numbers, rounded once. It is an instruction where the target has one and is
// computed otherwise, so that every CPU gives the same bits.
#pragma once

#if defined(__FMA__) || defined(__aarch64__) || defined(__FP_FAST_FMA)
#define DENSELOOP_HAS_FMA 1
#else
#define DENSELOOP_HAS_FMA 0
#include "simd/emulated_fma.hpp"
#endif

namespace denseloop::DENSELOOP_TARGET {

#if DENSELOOP_HAS_FMA
inline double scalar_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float scalar_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
inline double scalar_fma(double a, double b, double c) {
    return is_negative(negative_if_extreme(a, b, c)) ? exact_fma(a, b, c) : simple_fma(a, b, c);
}
inline float scalar_fma(float a, float b, float c) { return simple_fma(a, b, c); }
#endif

}  // namespace denseloop::DENSELOOP_TARGET
