// Many samples: the kernels of a tile.
#pragma once

#include "base/compiler.hpp"
#include "kernels/layer_gradients.hpp"
#include "kernels/layer_products.hpp"
#include "kernels/losses.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
DENSELOOP_FLATTEN void transpose_rows(const T* const* rows, Range columns, std::size_t vectors,
                                      T* tile) {
    constexpr int lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    for (std::size_t v = 0; v < vectors; ++v, rows += lanes, tile += lanes) {
        std::size_t j = columns.begin;
        for (; j + lanes <= columns.end; j += lanes) {
            Vec<T> block[lanes];
            unrolled<lanes>([&]<int i>() { block[i] = load(rows[i] + j); });
            transpose(block);
            unrolled<lanes>(
                [&]<int i>() { store(tile + (j - columns.begin + i) * stride, block[i]); });
        }
        for (; j < columns.end; ++j) {
            for (int i = 0; i < lanes; ++i) tile[(j - columns.begin) * stride + i] = rows[i][j];
        }
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
