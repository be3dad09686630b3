// Loops with constant bounds, which let an array of vectors stay in registers.
#pragma once

#include "base/vector_size.hpp"

namespace denseloop::DENSELOOP_TARGET {

// Calls f.operator()<N>(k) for each whole block of N, then for blocks of N / 2 and so on to 1.
template <int N, class F>
[[gnu::always_inline]] inline void in_blocks(Range range, const F& f) {
    for (; range.begin + N <= range.end; range.begin += N) f.template operator()<N>(range.begin);
    if constexpr (N > 1) in_blocks<N / 2>(range, f);
}

// Calls f.operator()<0>(), ..., f.operator()<N - 1>(). With constant indices the compiler
// keeps an array of vectors in registers; a loop may leave it in memory.
template <int N, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
    if constexpr (N > 0) {
        unrolled<N - 1>(f);
        f.template operator()<N - 1>();
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
