// The shuffle of numpy.random.RandomState, whose results NumPy promises never to change (NEP 19).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace denseloop {

// Fisher-Yates: each index takes the low bit_width(i) bits of a 32-bit draw, and is drawn again if
// it exceeds i. count is below 2^32; draw() returns 32 random bits.
template <class Draw>
void numpy_shuffle(std::int64_t* order, std::size_t count, Draw draw) {
    for (std::size_t i = count; i-- > 1;) {
        const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << std::bit_width(i)) - 1);
        std::uint32_t j;
        do {
            j = draw() & mask;
        } while (j > i);
        std::swap(order[i], order[j]);
    }
}

}  // namespace denseloop
