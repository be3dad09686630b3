// A tile of sparse samples: its stored numbers by samples, and for a gradient by columns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/checked_size.hpp"
#include "kernels/types.hpp"
#include "samples/sparse_view.hpp"
#include "samples/tiling.hpp"

namespace denseloop {

template <class T>
class SparseTile {
public:
    // For tiles of `tiling` in any order of the samples if `reordered`. Without `by_columns` only
    // rows() is available.
    SparseTile(const SparseView<T>& matrix, const Tiling<T>& tiling, bool reordered,
               bool by_columns)
        : by_columns_(by_columns), vectors_(tiling.max_vectors()) {
        const std::size_t most = most_stored(matrix, tiling, reordered);
        starts_.resize(vectors_ * vector_lanes<T> + 1);
        indices_.resize(most);
        values_.resize(most);
        if (!by_columns) return;
        counts_.resize(matrix.columns);
        columns_.resize(std::min(matrix.columns, most));
        column_starts_.resize(columns_.size() + 1);
        lanes_.resize(most);
        sorted_.resize(most);
    }

    // Takes the samples of a tile: row order[k] for sample k of the epoch, or row k.
    void gather(const SparseView<T>& matrix, const Tile& tile, const std::int64_t* order) {
        samples_ = tile.samples;
        vectors_ = tile.vectors;
        std::size_t stored = 0;
        for (std::size_t i = 0; i < samples_; ++i) {
            starts_[i] = stored;
            const std::size_t k = tile.first + i;
            const std::size_t row = order ? static_cast<std::size_t>(order[k]) : k;
            matrix.for_each(row, [&](std::size_t column, T value) {
                indices_[stored] = static_cast<std::int32_t>(column);
                values_[stored++] = value;
            });
        }
        starts_[samples_] = stored;
        if (by_columns_) sort_by_columns();
    }

    std::size_t samples() const { return samples_; }
    std::size_t vectors() const { return vectors_; }
    std::size_t stored() const { return starts_[samples_]; }
    // How many columns have stored numbers.
    std::size_t n_columns() const { return n_columns_; }

    SparseRows<T> rows() const { return {starts_.data(), indices_.data(), values_.data()}; }
    SparseColumns<T> columns() const {
        return {columns_.data(), column_starts_.data(), lanes_.data(), sorted_.data()};
    }

private:
    // The most numbers that a tile can have.
    static std::size_t most_stored(const SparseView<T>& matrix, const Tiling<T>& tiling,
                                   bool reordered) {
        std::size_t most = 0;
        if (!reordered) {
            for (std::size_t k = 0; k < tiling.count(); ++k) {
                std::size_t stored = 0;
                for (std::size_t i = 0; i < tiling[k].samples; ++i) {
                    stored += matrix.stored_in(tiling[k].first + i);
                }
                most = std::max(most, stored);
            }
            return most;
        }
        // The longest rows may meet in one tile.
        std::vector<std::size_t> lengths(matrix.rows);
        for (std::size_t row = 0; row < matrix.rows; ++row) lengths[row] = matrix.stored_in(row);
        const std::size_t samples = std::min(matrix.rows, tiling[0].samples);
        std::nth_element(lengths.begin(),
                         lengths.begin() + static_cast<std::ptrdiff_t>(samples - 1), lengths.end(),
                         std::greater<>());
        for (std::size_t i = 0; i < samples; ++i) most = checked_sum(most, lengths[i]);
        return most;
    }

    // Sorts the numbers by columns, in the order in which these appear, and within a column by
    // lanes and then by vectors.
    void sort_by_columns() {
        n_columns_ = 0;
        for (std::size_t k = 0; k < stored(); ++k) {
            const auto column = static_cast<std::size_t>(indices_[k]);
            if (counts_[column]++ == 0) columns_[n_columns_++] = indices_[k];
        }
        std::size_t next = 0;
        for (std::size_t c = 0; c < n_columns_;
             ++c) {  // a count becomes where the next number goes
            column_starts_[c] = next;
            auto& count = counts_[static_cast<std::size_t>(columns_[c])];
            next += std::exchange(count, next);
        }
        column_starts_[n_columns_] = next;
        for (std::size_t lane = 0; lane < vector_lanes<T>; ++lane) {
            for (std::size_t i = lane; i < samples_; i += vector_lanes<T>) {
                for (std::size_t k = starts_[i]; k < starts_[i + 1]; ++k) {
                    const std::size_t at = counts_[static_cast<std::size_t>(indices_[k])]++;
                    lanes_[at] = static_cast<std::uint16_t>(i);
                    sorted_[at] = values_[k];
                }
            }
        }
        for (std::size_t c = 0; c < n_columns_; ++c) {
            counts_[static_cast<std::size_t>(columns_[c])] = 0;
        }
    }

    bool by_columns_;
    std::size_t samples_ = 0, vectors_;
    std::vector<std::size_t> starts_;    // (samples + 1)
    std::vector<std::int32_t> indices_;  // (stored)
    std::vector<T> values_;              // (stored)
    std::size_t n_columns_ = 0;
    std::vector<std::size_t> counts_;         // (n_inputs), 0 between two tiles
    std::vector<std::int32_t> columns_;       // (n_columns)
    std::vector<std::size_t> column_starts_;  // (n_columns + 1)
    std::vector<std::uint16_t> lanes_;        // (stored), of all vectors of the tile
    std::vector<T> sorted_;                   // (stored)
};

// A tile of inputs as a pass reads it: dense (n_inputs, vectors, lanes), or sparse.
template <class T>
struct TileInput {
    TileInput(const T* tile) : dense(tile) {}
    TileInput(const SparseTile<T>& tile) : sparse(&tile) {}

    const T* dense = nullptr;
    const SparseTile<T>* sparse = nullptr;
};

}  // namespace denseloop
