// The virtual vector: 64 bytes on every CPU target, so that the lane of a sample, and with it the
// order of every sum, never depends on the machine.
//
// All functions here are always inlined, since two targets must not share a compiled function.
#pragma once

#include <cstddef>

#include "base/compiler.hpp"

namespace denseloop {

constexpr std::size_t vector_bytes = 64;
template <class T>
constexpr std::size_t vector_lanes = vector_bytes / sizeof(T);

// n rounded up to whole vectors.
template <class T>
DENSELOOP_ALWAYS_INLINE constexpr std::size_t padded(std::size_t n) {
    return (n + vector_lanes<T> - 1) / vector_lanes<T> * vector_lanes<T>;
}

// The distance between the rows of a tile, of a unit or a column each, which have this many
// vectors. A multiple of 8 cache lines would put the rows into few sets of a cache, so one more is
// left free.
template <class T>
DENSELOOP_ALWAYS_INLINE constexpr std::size_t tile_stride(std::size_t vectors) {
    return (vectors % 8 == 0 ? vectors + 1 : vectors) * vector_lanes<T>;
}

// Indices [begin, end), for example the units of a layer that one call computes.
struct Range {
    std::size_t begin, end;
};
DENSELOOP_ALWAYS_INLINE constexpr std::size_t size(Range range) { return range.end - range.begin; }

}  // namespace denseloop
