// Fetches what the next block of a product reads, while the registers multiply this one.
//
// A layer of a megabyte of weights or more comes from the third-level cache or from memory, as does
// its input. Few lines can be under way at a time, so a burst of requests would hold up the loads
// of the product: they are spread evenly over its steps.
#pragma once

#include <cstddef>

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// Whether the weights are so many, and the samples too.
inline bool is_fetched(const Layer& layer, std::size_t vectors) {
    return layer.fan_in * layer.fan_out >= std::size_t{1} << 17 && vectors >= 4;
}

// Lines of each matrix that are fetched every steps_per_fetch steps of a product.
constexpr std::size_t steps_per_fetch = 32, lines_per_fetch = parts == 1 ? 8 : 2;

// Asks the second-level cache for the lines of a matrix, row by row.
class LineFetcher {
public:
    LineFetcher() = default;  // of an empty matrix

    template <class T>
    LineFetcher(const T* first, std::size_t rows, std::size_t columns, std::size_t stride)
        : line_(reinterpret_cast<const char*>(first)),
          lines_((columns * sizeof(T) + vector_bytes - 1) / vector_bytes),
          to_next_row_(stride * sizeof(T)),
          rows_(columns > 0 ? rows : 0) {}

    inline void fetch() {
        for (std::size_t k = 0; k < lines_per_fetch && rows_ > 0; ++k) {
            prefetch(line_ + done_ * vector_bytes);
            if (++done_ < lines_) continue;
            done_ = 0;
            line_ += to_next_row_;
            --rows_;
        }
    }

private:
    const char* line_ = nullptr;  // the row's first
    std::size_t done_ = 0, lines_ = 0, to_next_row_ = 0, rows_ = 0;
};

// The weights and the input of the next block.
struct BlockFetcher {
    static constexpr bool fetches = true;
    LineFetcher weights, input;
    inline void fetch() {
        weights.fetch();
        input.fetch();
    }
};

struct NoFetcher {
    static constexpr bool fetches = false;
    inline void fetch() {}
};

}  // namespace denseloop::DENSELOOP_TARGET
