// A matrix of samples as tiles: packed once if the samples are always taken in one order, and
// otherwise whenever a tile is wanted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "aligned_buffer.hpp"
#include "pacer.hpp"
#include "samples.hpp"

namespace denseloop {

template <class T>
class SampleTiles {
public:
    // reordered: every epoch has an order of its own. There are `slots` tiles at a time then.
    // `tiling` is kept.
    SampleTiles(const MatrixView<T>& matrix, const char* name, const Tiling<T>& tiling,
                bool reordered, std::size_t slots, Pacer& pacer)
        : tiling_(tiling),
          columns_(matrix.columns),
          reordered_(reordered),
          tile_size_(checked_product(columns_, tiling.max_vectors() * vector_lanes<T>)),
          tiles_(checked_product(reordered ? slots : tiling.count(), tile_size_)),
          rows_(reordered ? checked_product(matrix.rows, columns_) : 0) {
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            const Tile& tile = tiling[k];
            pacer.poll(8 * tile.samples * columns_);  // a value is read from far away
            if (reordered) {
                copy_finite(matrix, name, tile.first, tile.samples,
                            rows_.data() + tile.first * columns_, columns_, 1);
            } else {
                pack(matrix, name, tile.first, tile.samples, tiles_.data() + k * tile_size_,
                     tile.vectors);
            }
        }
    }

    // Tile k (columns, vectors, lanes), until the slot's next. `order` has all samples; null where
    // they are not reordered.
    const T* tile(std::size_t k, const std::int64_t* order, std::size_t slot) {
        if (!reordered_) return tiles_.data() + k * tile_size_;
        const Tile& tile = tiling_[k];
        T* const packed = tiles_.data() + slot * tile_size_;
        const std::size_t stride = tile.vectors * vector_lanes<T>;
        constexpr std::size_t width = vector_lanes<T>;
        // A cache line of a row at a time, since a tile's columns lie far apart.
        for (std::size_t begin = 0; begin < columns_; begin += width) {
            const std::size_t end = std::min(columns_, begin + width);
            for (std::size_t i = 0; i < tile.samples; ++i) {
                const T* const row = this->row(order[tile.first + i]);
                for (std::size_t j = begin; j < end; ++j) packed[j * stride + i] = row[j];
            }
        }
        for (std::size_t j = 0; j < columns_; ++j) {
            std::fill(packed + j * stride + tile.samples, packed + (j + 1) * stride, T(0));
        }
        return packed;
    }

private:
    const T* row(std::int64_t sample) const {
        return rows_.data() + static_cast<std::size_t>(sample) * columns_;
    }

    const Tiling<T>& tiling_;
    std::size_t columns_;
    bool reordered_;
    std::size_t tile_size_;
    AlignedBuffer<T> tiles_, rows_;
};

}  // namespace denseloop
