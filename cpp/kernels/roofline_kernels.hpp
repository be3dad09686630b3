// The benchmark's roofline: multiply-adds as fast as the target can execute them.
#pragma once

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// Independent sums: enough to hide the latency of a multiply-add, and few enough to stay in
// registers next to the factor.
constexpr int chains = sum_registers / parts;
static_assert(chains <= roofline_vectors);

// The sums start from memory and the factor is an argument, so that the compiler can predict
// neither the results nor that they are equal.
template <class T>
DENSELOOP_FLATTEN std::size_t multiply_adds(const T* zeros, T one, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    constexpr std::size_t longest = 1 << 16;  // float32 holds this exactly, and 16 times it
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
