// c + a * b of single numbers, rounded once. An instruction where the target has one, else a call.
#pragma once

namespace denseloop::DENSELOOP_TARGET {

inline double scalar_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float scalar_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

}  // namespace denseloop::DENSELOOP_TARGET
