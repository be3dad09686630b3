// Loops with constant bounds, which let an array of vectors stay in registers.
#pragma once

#include "base/compiler.hpp"
#include "base/vector_size.hpp"

namespace denseloop::DENSELOOP_TARGET {

// What std::min returns. A target uses nothing of the standard library that the linker might share
// with another target.
DENSELOOP_ALWAYS_INLINE constexpr std::size_t smaller(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}

// Calls f.operator()<N>(k) for each whole block of N, then for blocks of N / 2 and so on to 1.
template <int N, class F>
DENSELOOP_ALWAYS_INLINE inline void in_blocks(Range range, const F& f) {
    for (; range.begin + N <= range.end; range.begin += N) f.template operator()<N>(range.begin);
    if constexpr (N > 1) in_blocks<N / 2>(range, f);
}

// Calls f.operator()<n>() for the number n, which is 1 to N.
template <int N, class F>
DENSELOOP_ALWAYS_INLINE inline void with_constant(std::size_t n, const F& f) {
    if constexpr (N > 1) {
        if (n < N) return with_constant<N - 1>(n, f);
    }
    f.template operator()<N>();
}

// Cuts a range into as few blocks of at most N as there can be, whose sizes differ by at most 1.
// Calls f.operator()<n>(run) for the run of the larger blocks, of n each, and for that of the
// others.
template <int N, class F>
DENSELOOP_ALWAYS_INLINE inline void in_even_runs(Range range, const F& f) {
    const std::size_t count = range.end - range.begin, blocks = (count + N - 1) / N;
    if (blocks == 0) return;
    const std::size_t size = count / blocks, larger = range.begin + count % blocks * (size + 1);
    if (larger > range.begin) {
        with_constant<N>(size + 1,
                         [&]<int n>() { f.template operator()<n>(Range{range.begin, larger}); });
    }
    with_constant<N>(size, [&]<int n>() { f.template operator()<n>(Range{larger, range.end}); });
}

// Calls f.operator()<n>(k) for each of these blocks.
template <int N, class F>
DENSELOOP_ALWAYS_INLINE inline void in_even_blocks(Range range, const F& f) {
    in_even_runs<N>(range, [&]<int n>(Range run) {
        for (std::size_t k = run.begin; k < run.end; k += n) f.template operator()<n>(k);
    });
}

// Calls f.operator()<0>(), ..., f.operator()<N - 1>(). With constant indices the compiler
// keeps an array of vectors in registers; a loop may leave it in memory.
template <int N, class F>
DENSELOOP_ALWAYS_INLINE inline void unrolled(const F& f) {
    if constexpr (N > 0) {
        unrolled<N - 1>(f);
        f.template operator()<N - 1>();
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
