// The bits of a number and back, and the fields of its format.
#pragma once

#include <cstdint>

#include "base/arithmetic.hpp"

namespace denseloop::DENSELOOP_TARGET {

inline std::uint64_t to_bits(double x) { return same_bits<std::uint64_t>(x); }
inline std::uint32_t to_bits(float x) { return same_bits<std::uint32_t>(x); }
inline double from_bits(std::uint64_t b) { return same_bits<double>(b); }
inline float from_bits(std::uint32_t b) { return same_bits<float>(b); }

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

}  // namespace denseloop::DENSELOOP_TARGET
