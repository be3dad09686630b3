// The parts of a vector on NEON: a quarter of the lanes each, a register. whole_parts.hpp has the
// same operations. neon.hpp includes this at its end.
#pragma once

#include "base/compiler.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Part;

template <>
struct Part<double> {
    static constexpr std::size_t lanes = 2;
    float64x2_t v;
};

template <>
struct Part<float> {
    static constexpr std::size_t lanes = 4;
    float32x4_t v;
};

inline Part<double> load_part(const double* p) { return {vld1q_f64(p)}; }
inline Part<float> load_part(const float* p) { return {vld1q_f32(p)}; }
inline void store_part(double* p, Part<double> a) { vst1q_f64(p, a.v); }
inline void store_part(float* p, Part<float> a) { vst1q_f32(p, a.v); }
inline Part<double> fma(Part<double> a, Part<double> b, Part<double> c) {
    return {vfmaq_f64(c.v, a.v, b.v)};
}
inline Part<float> fma(Part<float> a, Part<float> b, Part<float> c) {
    return {vfmaq_f32(c.v, a.v, b.v)};
}

// The compiler does not load it again for each use.
template <class T>
inline Part<T> pinned(Part<T> a) {
    DENSELOOP_PIN_REGISTER(a.v);
    return a;
}
template <int k, class T>
inline Vec<T> with_part(Vec<T> a, Part<T> part) {
    a.r[k] = part.v;
    return a;
}
template <int k, class T>
inline Part<T> part_of(Vec<T> a) {
    return {a.r[k]};
}

}  // namespace denseloop::DENSELOOP_TARGET
