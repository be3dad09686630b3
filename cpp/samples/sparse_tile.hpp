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

// Returns the most numbers that a tile can have, in any order of the samples if `reordered`.
template <class T>
std::size_t most_stored(const SparseView<T>& matrix, const Tiling<T>& tiling, bool reordered) {
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
    const auto last = lengths.begin() + static_cast<std::ptrdiff_t>(tiling[0].samples);
    std::nth_element(lengths.begin(), last - 1, lengths.end(), std::greater<>());
    for (auto length = lengths.begin(); length != last; ++length) {
        most = checked_sum(most, *length);
    }
    return most;
}

template <class T>
class SparseTile {
public:
    // For tiles of at most `vectors` vectors and `stored` stored numbers. columns() is for
    // n_inputs, which is 0 without them.
    SparseTile(std::size_t vectors, std::size_t stored, std::size_t n_inputs)
        : vectors_(vectors),
          starts_(checked_sum(checked_product(vectors, vector_lanes<T>), 1)),
          indices_(stored),
          values_(stored) {
        if (n_inputs == 0) return;
        columns_.resize(std::min(n_inputs, stored));
        column_starts_.resize(columns_.size() + 1);
        lanes_.resize(stored);
        sorted_.resize(stored);
    }

    // Takes the samples of a tile: row order[k] for sample k of the epoch, or row k. With `counts`
    // (n_inputs), which are 0 and are so again, also by columns.
    void gather(const SparseView<T>& matrix, const Tile& tile, const std::int64_t* order,
                std::size_t* counts) {
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
        if (counts != nullptr) sort_by_columns(counts);
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
    // Sorts the numbers by columns, in the order in which these appear, and within a column by
    // lanes and then by vectors.
    void sort_by_columns(std::size_t* counts) {
        n_columns_ = 0;
        for (std::size_t k = 0; k < stored(); ++k) {
            const auto column = static_cast<std::size_t>(indices_[k]);
            if (counts[column]++ == 0) columns_[n_columns_++] = indices_[k];
        }
        // A count becomes the place of the column's next number.
        std::size_t next = 0;
        for (std::size_t c = 0; c < n_columns_; ++c) {
            column_starts_[c] = next;
            next += std::exchange(counts[static_cast<std::size_t>(columns_[c])], next);
        }
        column_starts_[n_columns_] = next;
        for (std::size_t lane = 0; lane < vector_lanes<T>; ++lane) {
            for (std::size_t i = lane; i < samples_; i += vector_lanes<T>) {
                for (std::size_t k = starts_[i]; k < starts_[i + 1]; ++k) {
                    const std::size_t at = counts[static_cast<std::size_t>(indices_[k])]++;
                    lanes_[at] = static_cast<std::uint16_t>(i);
                    sorted_[at] = values_[k];
                }
            }
        }
        for (std::size_t c = 0; c < n_columns_; ++c) {
            counts[static_cast<std::size_t>(columns_[c])] = 0;
        }
    }

    std::size_t samples_ = 0, vectors_;
    std::vector<std::size_t> starts_;    // (samples + 1)
    std::vector<std::int32_t> indices_;  // (stored)
    std::vector<T> values_;              // (stored)
    std::size_t n_columns_ = 0;
    std::vector<std::int32_t> columns_;       // (n_columns)
    std::vector<std::size_t> column_starts_;  // (n_columns + 1)
    std::vector<std::uint16_t> lanes_;        // (stored), of all vectors of the tile
    std::vector<T> sorted_;                   // (stored)
};

}  // namespace denseloop
