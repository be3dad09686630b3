// a * b + c rounded once, for a CPU without that instruction.
//
// simple_fma follows S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums: proved
// algorithms using rounding to odd" (IEEE Transactions on Computers 57, 2008). Product and sum are
// exact pairs; their low parts are added with rounding to odd, so the last addition rounds
// correctly. It has no branches, so compilers vectorize it. In float64 its exact pairs must neither
// overflow nor underflow; exact_fma, which works on integers, takes those cases.
#pragma once

#include <cstdint>

#include "base/arithmetic.hpp"
#include "simd/bits.hpp"

namespace denseloop::DENSELOOP_TARGET {

// The number high + low, not rounded.
struct ExactPair {
    double high, low;
};

// D. Knuth's two-sum.
inline ExactPair exact_sum(double a, double b) {
    const double high = a + b;
    const double b_part = high - a;
    return {high, (a - (high - b_part)) + (b - b_part)};
}

// T. J. Dekker's product, with G. W. Veltkamp's splitting into halves of 26 bits.
inline ExactPair exact_product(double a, double b) {
    constexpr double splitter = 134217729;  // 2^27 + 1
    const double a_scaled = splitter * a, b_scaled = splitter * b;
    const double a_high = a_scaled - (a_scaled - a), a_low = a - a_high;
    const double b_high = b_scaled - (b_scaled - b), b_low = b - b_high;
    const double high = a * b;
    const double low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return {high, low};
}

// All ones if x is not 0, else 0. A comparison would keep the compiler from vectorizing simple_fma.
inline std::uint64_t mask_if_not_zero(double x) {
    const std::uint64_t magnitude = to_bits(x) << 1;
    return std::uint64_t(0) - ((magnitude | (std::uint64_t(0) - magnitude)) >> 63);
}

// sum.high + sum.low rounded to odd: an inexact result gets an odd last bit.
inline double rounded_to_odd(ExactPair sum) {
    const std::uint64_t bits = to_bits(sum.high);
    const std::uint64_t even = ~bits & 1;
    // The step goes away from zero where low has the sign of high, else towards zero.
    const std::uint64_t inwards = (bits ^ to_bits(sum.low)) >> 63;
    const std::uint64_t step = even - 2 * (even & inwards);
    return from_bits(bits + (step & mask_if_not_zero(sum.low)));
}

inline std::uint64_t exponent_field(double x) { return to_bits(x) >> 52 & 0x7FF; }

// Negative, as a signed number, where simple_fma may be wrong: for a factor of at least 2^990, for
// an addend or a product of at least 2^1000, and for a product below 2^-900 that is not 0.
inline std::uint64_t negative_if_extreme(double a, double b, double c) {
    const std::uint64_t product = exponent_field(a * b);
    const std::uint64_t too_large = (1023 + 989 - exponent_field(a)) |
                                    (1023 + 989 - exponent_field(b)) |
                                    (1023 + 999 - exponent_field(c)) | (1023 + 999 - product);
    const std::uint64_t too_small = product - (1023 - 900);
    return too_large | (too_small & mask_if_not_zero(a) & mask_if_not_zero(b));
}
inline bool is_negative(std::uint64_t word) { return word >> 63 != 0; }

inline double simple_fma(double a, double b, double c) {
    const ExactPair product = exact_product(a, b);
    const ExactPair lower = exact_sum(c, product.low);
    const ExactPair upper = exact_sum(product.high, lower.high);
    const double odd = rounded_to_odd(exact_sum(lower.low, upper.low));
    // The exact pair of a zero product would lose its sign.
    const std::uint64_t usual = mask_if_not_zero(product.high);
    return from_bits((to_bits(upper.high + odd) & usual) | (to_bits(product.high + c) & ~usual));
}

// The product of two float32 is exact in float64, and 53 bits rounded to odd decide every rounding
// to 24.
inline float simple_fma(float a, float b, float c) {
    const double product = static_cast<double>(a) * static_cast<double>(b);
    const ExactPair sum = exact_sum(product, c);
    // An infinite or undefined sum has an undefined low part, and keeps its own bits.
    const std::uint64_t finite = std::uint64_t(0) - ((exponent_field(sum.high) - 0x7FF) >> 63);
    const std::uint64_t odd = to_bits(rounded_to_odd(sum));
    return static_cast<float>(from_bits((odd & finite) | (to_bits(sum.high) & ~finite)));
}

// A finite nonzero number as significand * 2^exponent, with a 53-bit significand.
struct Unpacked {
    std::uint64_t significand;
    int exponent;
};

inline Unpacked unpack(double x) {
    const std::uint64_t field = exponent_field(x);
    const std::uint64_t fraction = to_bits(x) & 0xFFFFFFFFFFFFF;
    if (field != 0) return {fraction | 1ull << 52, static_cast<int>(field) - 1075};
    const int shift = denseloop::leading_zeros(fraction) - 11;
    return {fraction << shift, -1074 - shift};
}

inline int leading_zeros(Wide x) {
    const auto upper = static_cast<std::uint64_t>(x >> 64);
    return upper != 0 ? denseloop::leading_zeros(upper)
                      : 64 + denseloop::leading_zeros(static_cast<std::uint64_t>(x));
}

// x / 2^shift; the last bit is set if any bit was shifted out.
inline Wide shift_with_sticky(Wide x, int shift) {
    if (shift > 127) return x != 0;
    const Wide lost = x & ((Wide(1) << shift) - 1);
    return x >> shift | (lost != 0);
}

// magnitude * 2^exponent rounded to the nearest float64, ties to even.
inline std::uint64_t rounded_bits(Wide magnitude, int exponent) {
    const int up = leading_zeros(magnitude) - 1;  // to the highest bit at 126
    magnitude <<= up;
    exponent -= up;
    int unit = exponent + 74 > -1074 ? exponent + 74 : -1074;  // the weight of the last bit
    const int shift = unit - exponent;
    if (shift > 127) return 0;
    auto significand = static_cast<std::uint64_t>(magnitude >> shift);
    const Wide rest = magnitude & ((Wide(1) << shift) - 1), half = Wide(1) << (shift - 1);
    if (rest > half || (rest == half && (significand & 1) != 0)) ++significand;
    if (significand == 1ull << 53) {
        significand >>= 1;
        ++unit;
    }
    // The hidden bit of a normal number adds one to the exponent; a subnormal number has none.
    const int field = unit + 1074;
    if (field > 2045) return 0x7FFull << 52;
    return (static_cast<std::uint64_t>(field) << 52) + significand;
}

inline double exact_fma(double a, double b, double c) {
    if (!(absolute_value(a) < infinity && absolute_value(b) < infinity)) return a * b + c;
    if (!(absolute_value(c) < infinity)) return c;
    if (a == 0 || b == 0) return a * b + c;
    if (c == 0) return a * b;

    // Both get their highest bit at 125; at least 20 bits below them are 0.
    const Unpacked ua = unpack(a), ub = unpack(b), uc = unpack(c);
    Wide product = static_cast<Wide>(ua.significand) * ub.significand;
    const int up = leading_zeros(product) - 2;
    product <<= up;
    const int product_exponent = ua.exponent + ub.exponent - up;
    Wide addend = static_cast<Wide>(uc.significand) << 73;
    const int addend_exponent = uc.exponent - 73;

    const bool product_leads = product_exponent >= addend_exponent;
    const int exponent = product_leads ? product_exponent : addend_exponent;
    product = shift_with_sticky(product, exponent - product_exponent);
    addend = shift_with_sticky(addend, exponent - addend_exponent);

    const std::uint64_t sign_bit = 1ull << 63;
    std::uint64_t sign = (to_bits(a) ^ to_bits(b)) & sign_bit;
    Wide sum;
    if (sign == (to_bits(c) & sign_bit)) {
        sum = product + addend;
    } else if (product >= addend) {
        sum = product - addend;
    } else {
        sum = addend - product;
        sign ^= sign_bit;
    }
    if (sum == 0) return 0;
    return from_bits(sign | rounded_bits(sum, exponent));
}

}  // namespace denseloop::DENSELOOP_TARGET
