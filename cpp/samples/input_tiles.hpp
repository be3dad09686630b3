// The inputs of a training as tiles: dense or sparse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "samples/inputs.hpp"
#include "samples/sample_tiles.hpp"
#include "samples/tile_input.hpp"

namespace denseloop {

// As what sparse samples are handed out: as they are, for forward passes alone or for gradients as
// well, or as dense tiles.
enum class SparseAs { rows, rows_and_columns, dense };

template <class T>
class InputTiles {
public:
    // As SampleTiles. Tiles of sparse samples are made on demand, those of buffers that differ by
    // `at_once` not at the same time.
    InputTiles(const Inputs<T>& inputs, const char* name, const Tiling<T>& tiling, bool reordered,
               std::size_t buffers, std::size_t at_once, SparseAs sparse_as, Pacer& pacer)
        : tiling_(tiling) {
        if (const MatrixView<T>* const matrix = inputs.dense()) {
            dense_.emplace(*matrix, name, tiling, reordered, buffers, pacer);
            unpacked_.resize(dense_->are_packed() ? 0 : buffers);
            return;
        }
        sparse_ = *inputs.sparse();
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            pacer.poll(sparse_->stored() / tiling.count() * cost::packing);
            require_usable(*sparse_, name, tiling[k].first, tiling[k].samples);
        }
        if (sparse_as == SparseAs::dense) {
            for (std::size_t k = 0; k < buffers; ++k) {
                packed_.emplace_back(
                    checked_product(inputs.columns, tile_stride<T>(tiling.max_vectors())));
            }
            return;
        }
        const bool by_columns = sparse_as == SparseAs::rows_and_columns;
        const std::size_t stored = most_stored(*sparse_, tiling, reordered);
        for (std::size_t k = 0; k < buffers; ++k) {
            tiles_.emplace_back(tiling.max_vectors(), stored, by_columns ? inputs.columns : 0);
        }
        counts_.resize(by_columns ? at_once : 0, std::vector<std::size_t>(inputs.columns));
    }

    // Returns tile k, valid until the buffer's next tile. `order` has all samples, or is null if
    // they are not reordered.
    TileInput<T> tile(std::size_t k, const std::int64_t* order, std::size_t buffer,
                      const Executor& executor) {
        if (dense_) {
            if (dense_->are_packed()) return dense_->tile(k, order, buffer, executor);
            unpacked_[buffer] = dense_->unpacked(k, order, buffer);
            return unpacked_[buffer];
        }
        executor.pacer.poll(sparse_->stored() / tiling_.count() * cost::packing);
        if (packed_.empty()) {
            tiles_[buffer].gather(
                *sparse_, tiling_[k], order,
                counts_.empty() ? nullptr : counts_[buffer % counts_.size()].data());
            return tiles_[buffer];
        }
        pack_tile(*sparse_, tiling_[k], order, packed_[buffer].data());
        return packed_[buffer].data();
    }

    // The tiles if all are packed, or null.
    const SampleTiles<T>* packed() const {
        return dense_ && dense_->are_packed() ? &*dense_ : nullptr;
    }

private:
    const Tiling<T>& tiling_;
    std::optional<SampleTiles<T>> dense_;
    std::vector<UnpackedTile<T>> unpacked_;
    std::optional<SparseView<T>> sparse_;
    std::vector<SparseTile<T>> tiles_;
    std::vector<std::vector<std::size_t>> counts_;  // for as many tiles as are made at once
    std::vector<AlignedBuffer<T>> packed_;
};

}  // namespace denseloop
