// The parts of a vector on AVX2: half of the lanes each, a register. whole_parts.hpp has the
// same operations. avx2.hpp includes this at its end.
#pragma once

#include "base/compiler.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Part;

template <>
struct Part<double> {
    static constexpr std::size_t lanes = 4;
    __m256d v;
};

template <>
struct Part<float> {
    static constexpr std::size_t lanes = 8;
    __m256 v;
};

inline Part<double> load_part(const double* p) { return {_mm256_loadu_pd(p)}; }
inline Part<float> load_part(const float* p) { return {_mm256_loadu_ps(p)}; }
inline void store_part(double* p, Part<double> a) { _mm256_storeu_pd(p, a.v); }
inline void store_part(float* p, Part<float> a) { _mm256_storeu_ps(p, a.v); }
inline Part<double> fma(Part<double> a, Part<double> b, Part<double> c) {
    return {_mm256_fmadd_pd(a.v, b.v, c.v)};
}
inline Part<float> fma(Part<float> a, Part<float> b, Part<float> c) {
    return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}

// The compiler does not load it again for each use.
template <class T>
inline Part<T> pinned(Part<T> a) {
    DENSELOOP_PIN_REGISTER(a.v);
    return a;
}
template <int k, class T>
inline Vec<T> with_part(Vec<T> a, Part<T> part) {
    return k == 0 ? Vec<T>{part.v, a.hi} : Vec<T>{a.lo, part.v};
}
template <int k, class T>
inline Part<T> part_of(Vec<T> a) {
    return {k == 0 ? a.lo : a.hi};
}

}  // namespace denseloop::DENSELOOP_TARGET
