// The benchmark's floor: multiply-adds as fast as the target can make them.
#pragma once

#include "simd/flatten.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// Sums that do not wait for each other: enough to hide a multiply-add's latency, and few enough to
// stay in registers beside the factor.
constexpr int chains = accumulators + accumulators / 2;
static_assert(chains <= floor_vectors);

// The sums start from memory and the factor is an argument, so that the compiler can neither tell
// what comes out nor that all of them come to the same.
template <class T>
DENSELOOP_FLATTEN std::size_t multiply_adds(const T* zeros, T one, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    constexpr std::size_t longest = 1 << 16;  // a float32 holds this, and the sum of 16 such
    const Vec<T> factor = broadcast(one);
    std::size_t rounds = count / (chains * lanes) + (count % (chains * lanes) != 0), made = 0;
    while (rounds > 0) {
        const std::size_t now = rounds < longest ? rounds : longest;
        Vec<T> acc[chains];
        unrolled<chains>([&]<int c>() { acc[c] = load(zeros + c * lanes); });
        for (std::size_t round = 0; round < now; ++round) {
            unrolled<chains>([&]<int c>() { acc[c] = fma(factor, factor, acc[c]); });
        }
        unrolled<chains>([&]<int c>() { made += static_cast<std::size_t>(sum(acc[c])); });
        rounds -= now;
    }
    return made;
}

}  // namespace denseloop::DENSELOOP_TARGET
