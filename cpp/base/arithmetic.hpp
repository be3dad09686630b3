// Operations on numbers that compilers have as built-ins. Kernels may not use <cmath>, <bit> or
// another function of the standard library: the linker could keep the copy of one CPU target for
// all. These are always inlined.
#pragma once

#include <cstdint>

#include "base/compiler.hpp"

namespace denseloop {

// The object of type To with the same bits.
template <class To, class From>
DENSELOOP_ALWAYS_INLINE constexpr To same_bits(From x) {
    return __builtin_bit_cast(To, x);  // MSVC has it too
}

constexpr double infinity = same_bits<double>(std::uint64_t{0x7FF} << 52);
constexpr double quiet_nan = same_bits<double>(std::uint64_t{0xFFF} << 51);

#if DENSELOOP_GNU_FORMS
__extension__ typedef unsigned __int128 Wide;  // MSVC has no such type
#endif

// The upper half of a * b.
DENSELOOP_ALWAYS_INLINE inline std::uint64_t upper_product(std::uint64_t a, std::uint64_t b) {
#if DENSELOOP_GNU_FORMS
    return static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> 64);
#else
    return __umulh(a, b);
#endif
}

#if DENSELOOP_GNU_FORMS  // what only kernels need, which MSVC cannot compile

// The number must not be 0.
DENSELOOP_ALWAYS_INLINE inline int leading_zeros(std::uint64_t x) { return __builtin_clzll(x); }

DENSELOOP_ALWAYS_INLINE inline double absolute_value(double x) { return __builtin_fabs(x); }

// Every CPU target has an instruction for it, which rounds correctly.
DENSELOOP_ALWAYS_INLINE inline double square_root(double x) { return __builtin_sqrt(x); }
DENSELOOP_ALWAYS_INLINE inline float square_root(float x) { return __builtin_sqrtf(x); }

#if DENSELOOP_HAS_FMA
// a * b + c by the CPU's instruction, rounded once.
DENSELOOP_ALWAYS_INLINE inline double hardware_fma(double a, double b, double c) {
    return __builtin_fma(a, b, c);
}
DENSELOOP_ALWAYS_INLINE inline float hardware_fma(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}
#endif

#endif

}  // namespace denseloop
