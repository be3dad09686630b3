// The bits of a number and back, the fields of its format, and its square root.
#pragma once

#include <cstdint>

namespace denseloop::DENSELOOP_TARGET {

inline std::uint64_t to_bits(double x) { return __builtin_bit_cast(std::uint64_t, x); }
inline std::uint32_t to_bits(float x) { return __builtin_bit_cast(std::uint32_t, x); }
inline double from_bits(std::uint64_t b) { return __builtin_bit_cast(double, b); }
inline float from_bits(std::uint32_t b) { return __builtin_bit_cast(float, b); }

template <class T>
struct Format;
template <>
struct Format<double> {
    static constexpr int mantissa_bits = 52, bias = 1023;
    static constexpr std::uint64_t sign = 1ull << 63, mantissa = (1ull << 52) - 1;
};
template <>
struct Format<float> {
    static constexpr int mantissa_bits = 23, bias = 127;
    static constexpr std::uint32_t sign = 1u << 31, mantissa = (1u << 23) - 1;
};

// Every CPU target has an instruction for it, which rounds correctly.
inline double square_root(double x) { return __builtin_sqrt(x); }
inline float square_root(float x) { return __builtin_sqrtf(x); }

}  // namespace denseloop::DENSELOOP_TARGET
