// A dense matrix of samples as tiles. It packs all tiles up front when that is cheaper, and
// otherwise each on demand, from the caller's rows if these are contiguous.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "base/compiler.hpp"
#include "base/cost_model.hpp"
#include "base/executor.hpp"
#include "samples/tile_input.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class SampleTiles {
public:
    // reordered: every epoch has an order of its own. At most `buffers` tiles are in use at a time.
    // `tiling` must outlive this, and so must the elements of `matrix`.
    SampleTiles(const MatrixView<T>& matrix, const char* name, const Tiling<T>& tiling,
                bool reordered, std::size_t buffers, Pacer& pacer)
        : tiling_(tiling),
          kernels_(active_kernels<T>()),
          tile_size_(checked_product(matrix.columns, tile_stride<T>(tiling.max_vectors()))),
          packed_once_(!reordered && (tiling.count() <= buffers || suits_packing_once(matrix))),
          tiles_(checked_product(packed_once_ ? tiling.count() : buffers, tile_size_)),
          copied_(reordered && !matrix.has_contiguous_rows()),
          copy_(copied_ ? checked_product(matrix.rows, matrix.columns) : 0),
          rows_(copied_ ? contiguous_rows(copy_.data(), matrix.rows, matrix.columns) : matrix) {
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            const Tile tile = tiling[k];
            if (packed_once_) {
                pack_tile(kernels_, matrix, name, tile, tiles_.data() + k * tile_size_, pacer);
                continue;
            }
            pacer.poll(tile.samples * matrix.columns * cost::packing);
            if (copied_) {
                copy_finite(matrix, name, tile.first, tile.samples,
                            copy_.data() + tile.first * matrix.columns, matrix.columns, 1);
            } else {
                require_finite(matrix, name, tile.first, tile.samples);
            }
        }
    }

    bool are_packed() const { return packed_once_; }

    // Copies packed samples to rows (n_samples, columns).
    void unpack(T* rows) const {
        for (std::size_t k = 0; k < tiling_.count(); ++k) {
            const Tile tile = tiling_[k];
            unpack_tile(tiles_.data() + k * tile_size_, rows_.columns, tile.vectors, tile.first,
                        tile.samples, nullptr, rows);
        }
    }
    std::size_t samples() const { return tiling_.samples(); }
    std::size_t columns() const { return rows_.columns; }

    // Returns the rows of tile k, which are not packed, and memory for it. `order` is as for
    // tile().
    UnpackedTile<T> unpacked(std::size_t k, const std::int64_t* order, std::size_t buffer) {
        return {rows_of(tiling_[k], order), tiles_.data() + buffer * tile_size_, true};
    }

    // Returns tile k (columns, vectors, lanes), valid until the buffer's next tile. `order` has all
    // samples, or is null if they are not reordered.
    const T* tile(std::size_t k, const std::int64_t* order, std::size_t buffer,
                  const Executor& executor) {
        if (packed_once_) return tiles_.data() + k * tile_size_;
        T* const packed = tiles_.data() + buffer * tile_size_;
        pack_on_demand(tiling_[k], order, packed, executor);
        return packed;
    }

private:
    // Packing again takes longer than reading what stays in a second-level cache, rows of less than
    // a cache line, and columns that would have to be copied to rows first.
    static bool suits_packing_once(const MatrixView<T>& matrix) {
        return matrix.rows * matrix.columns * sizeof(T) <= cost::packed_once_bytes ||
               matrix.columns < vector_lanes<T> || !matrix.has_contiguous_rows();
    }

    // Kept out of line, since tile() is short when everything has been packed.
    DENSELOOP_NOINLINE void pack_on_demand(const Tile& tile, const std::int64_t* order, T* packed,
                                           const Executor& executor) const {
        const auto lanes = rows_of(tile, order);
        executor.parallel_for(
            rows_.columns, tile.vectors * vector_lanes<T> * cost::packing, [&](Range columns) {
                kernels_.transpose_rows(lanes.data(), columns, tile.vectors,
                                        packed + columns.begin * tile_stride<T>(tile.vectors));
            });
    }

    LaneRows<T> rows_of(const Tile& tile, const std::int64_t* order) const {
        return order ? lane_rows(rows_, tile, order + tile.first)
                     : lane_rows(rows_.from(tile.first), tile);
    }

    const Tiling<T>& tiling_;
    const Kernels<T>& kernels_;
    std::size_t tile_size_;
    bool packed_once_;
    AlignedBuffer<T> tiles_;
    bool copied_;
    AlignedBuffer<T> copy_;
    MatrixView<T> rows_;  // contiguous unless everything is packed once
};

}  // namespace denseloop
