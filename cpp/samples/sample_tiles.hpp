// A matrix of samples as tiles: all packed once where that costs less, and otherwise each whenever
// it is wanted, from rows that are the caller's where they are contiguous.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.hpp"
#include "base/executor.hpp"
#include "samples/samples.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class SampleTiles {
public:
    // reordered: every epoch has an order of its own. At most `slots` tiles are in use at a time.
    // `tiling` is kept, and the numbers of `matrix` may be read as long as this lives.
    SampleTiles(const MatrixView<T>& matrix, const char* name, const Tiling<T>& tiling,
                bool reordered, std::size_t slots, Pacer& pacer)
        : tiling_(tiling),
          kernels_(active_kernels<T>()),
          tile_size_(checked_product(matrix.columns, tiling.max_vectors() * vector_lanes<T>)),
          packed_once_(!reordered && (tiling.count() <= slots || suits_packing_once(matrix))),
          tiles_(checked_product(packed_once_ ? tiling.count() : slots, tile_size_)),
          copied_(reordered && !matrix.has_contiguous_rows()),
          copy_(copied_ ? checked_product(matrix.rows, matrix.columns) : 0),
          rows_(copied_ ? contiguous_rows(copy_.data(), matrix.rows, matrix.columns) : matrix) {
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            const Tile& tile = tiling[k];
            pacer.poll(tile.samples * matrix.columns * value_work);
            if (packed_once_) {
                pack(kernels_, matrix, name, tile, tiles_.data() + k * tile_size_);
            } else if (copied_) {
                copy_finite(matrix, name, tile.first, tile.samples,
                            copy_.data() + tile.first * matrix.columns, matrix.columns, 1);
            } else {
                require_finite(matrix, name, tile.first, tile.samples);
            }
        }
    }

    // Tile k (columns, vectors, lanes), until the slot's next. `order` has all samples; null where
    // they are not reordered.
    const T* tile(std::size_t k, const std::int64_t* order, std::size_t slot, Crew crew) {
        if (packed_once_) return tiles_.data() + k * tile_size_;
        T* const packed = tiles_.data() + slot * tile_size_;
        pack_wanted(tiling_[k], order, packed, crew);
        return packed;
    }

private:
    // Of packing a value that is read from far away, in multiply-adds.
    static constexpr std::size_t value_work = 8;

    // What stays in a second-level cache takes longer to pack again than to read; so do rows of
    // less than a cache line, wherever they lie, and columns that would have to be copied to rows
    // first.
    static bool suits_packing_once(const MatrixView<T>& matrix) {
        return matrix.rows * matrix.columns * sizeof(T) <= 1u << 20 ||
               matrix.columns < vector_lanes<T> || !matrix.has_contiguous_rows();
    }

    // Apart from tile(), which is short where everything has been packed.
    [[gnu::noinline]] void pack_wanted(const Tile& tile, const std::int64_t* order, T* packed,
                                       Crew crew) const {
        const auto lanes = order ? lane_rows(rows_, tile, order + tile.first)
                                 : lane_rows(rows_.from(tile.first), tile);
        crew.in_portions(
            rows_.columns, tile.vectors * vector_lanes<T> * value_work,
            [&](Range columns) { kernels_.pack(lanes.data(), columns, tile.vectors, packed); });
    }

    const Tiling<T>& tiling_;
    const Kernels<T>& kernels_;
    std::size_t tile_size_;
    bool packed_once_;
    AlignedBuffer<T> tiles_;
    bool copied_;
    AlignedBuffer<T> copy_;
    MatrixView<T> rows_;  // contiguous, unless everything is packed once
};

}  // namespace denseloop
