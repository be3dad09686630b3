// Samples between the caller's row-major, possibly strided matrices and the tiles of the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "aligned_buffer.hpp"
#include "kernel_table.hpp"
#include "layout.hpp"
#include "pacer.hpp"

namespace denseloop {

// A matrix that somebody else owns; strides in bytes, of any sign, elements at any address.
template <class T>
struct MatrixView {
    const char* data;
    std::size_t rows, columns;
    std::ptrdiff_t row_stride, column_stride;

    T at(std::size_t row, std::size_t column) const {
        T value;
        std::memcpy(&value,
                    data + static_cast<std::ptrdiff_t>(row) * row_stride +
                        static_cast<std::ptrdiff_t>(column) * column_stride,
                    sizeof value);
        return value;
    }
};

// std::invalid_argument for the first value of rows [first, first + count) that is not finite.
template <class T>
[[noreturn]] void refuse(const MatrixView<T>& matrix, const char* name, std::size_t first,
                         std::size_t count) {
    for (std::size_t k = 0; k < count * matrix.columns; ++k) {
        const std::size_t row = first + k / matrix.columns, column = k % matrix.columns;
        const T value = matrix.at(row, column);
        if (std::isfinite(value)) continue;
        const std::string shown = std::isnan(value) ? "nan" : std::to_string(value);
        throw std::invalid_argument(std::string(name) + " must be finite, got " + shown +
                                    " in row " + std::to_string(row) + ", column " +
                                    std::to_string(column));
    }
    throw std::invalid_argument(std::string(name) + " was changed while it was read");
}

// to[i * to_row + j * to_column] = matrix(first + i, j). Refuses values that are not finite; `name`
// is for the error. A cache line of columns at a time, since a tile's columns lie far apart.
template <class T>
void copy_finite(const MatrixView<T>& matrix, const char* name, std::size_t first,
                 std::size_t count, T* to, std::size_t to_row, std::size_t to_column) {
    constexpr std::size_t width = vector_lanes<T>;
    bool finite = true;
    const auto copy = [&](std::ptrdiff_t column_stride, std::size_t begin, std::size_t n) {
        for (std::size_t i = 0; i < count; ++i) {
            const char* from = matrix.data +
                               static_cast<std::ptrdiff_t>(first + i) * matrix.row_stride +
                               static_cast<std::ptrdiff_t>(begin) * column_stride;
            for (std::size_t j = 0; j < n; ++j, from += column_stride) {
                T value;
                std::memcpy(&value, from, sizeof value);
                finite &= std::abs(value) <= std::numeric_limits<T>::max();
                to[i * to_row + (begin + j) * to_column] = value;
            }
        }
    };
    for (std::size_t begin = 0; begin < matrix.columns; begin += width) {
        const std::size_t n = std::min(width, matrix.columns - begin);
        if (matrix.column_stride == sizeof(T) && n == width) {
            copy(sizeof(T), begin, width);  // of constants, which makes it several times faster
        } else {
            copy(matrix.column_stride, begin, n);
        }
    }
    if (!finite) refuse(matrix, name, first, count);
}

// One row, contiguous.
template <class T>
void pack_row(const MatrixView<T>& matrix, const char* name, std::size_t row, T* values) {
    copy_finite(matrix, name, row, 1, values, 0, 1);
}

// Rows [first, first + count) of `matrix` into tile (columns, vectors, lanes); the lanes past
// `count` become 0.
template <class T>
void pack(const MatrixView<T>& matrix, const char* name, std::size_t first, std::size_t count,
          T* tile, std::size_t vectors) {
    const std::size_t stride = vectors * vector_lanes<T>;
    copy_finite(matrix, name, first, count, tile, 1, stride);
    for (std::size_t j = 0; j < matrix.columns; ++j) {
        std::fill(tile + j * stride + count, tile + (j + 1) * stride, T(0));
    }
}

// The samples of a tile (columns, vectors, lanes) to rows: sample i to row indices[i], or i.
template <class T>
void unpack_rows(const T* tile, std::size_t columns, std::size_t vectors, std::size_t count,
                 T* rows, const std::int64_t* indices = nullptr) {
    const std::size_t stride = vectors * vector_lanes<T>;
    for (std::size_t i = 0; i < count; ++i) {
        T* const row = rows + columns * (indices ? static_cast<std::size_t>(indices[i]) : i);
        for (std::size_t j = 0; j < columns; ++j) row[j] = tile[j * stride + i];
    }
}

// A long tile spreads the sum over the lanes, which each gradient ends with, over many samples; a
// short one keeps its activations in the first-level cache. Measured from 2-4-1 to 784-128-10, 16
// vectors are as good as 32 and up to a quarter faster than 8 or 4. The bits of a gradient depend
// on it.
constexpr std::size_t vectors_per_tile = 16;

// Some consecutive samples that go through the network together.
struct Tile {
    std::size_t first, samples, vectors;
};

// How samples are cut into batches and batches into tiles. Tiles are numbered through all batches;
// only the last batch, and of each batch the last tile, may be shorter than the others.
template <class T>
class Tiling {
public:
    Tiling(std::size_t samples, std::size_t batch_size)
        : samples_(samples),
          batch_size_(std::min(batch_size, samples)),
          batches_(divided_up(samples, batch_size_)),
          max_vectors_(std::min(vectors_per_tile, divided_up(batch_size_, vector_lanes<T>))) {
        const std::size_t tile_size = max_vectors_ * vector_lanes<T>;
        tiles_per_batch_ = divided_up(batch_size_, tile_size);
        for (std::size_t batch = 0; batch < batches_; ++batch) {
            const std::size_t begin = batch * batch_size_, end = begin + samples_in_batch(batch);
            for (std::size_t first = begin; first < end; first += tile_size) {
                const std::size_t in_tile = std::min(tile_size, end - first);
                tiles_.push_back({first, in_tile, divided_up(in_tile, vector_lanes<T>)});
            }
        }
    }

    std::size_t samples() const { return samples_; }
    std::size_t batches() const { return batches_; }
    std::size_t samples_in_batch(std::size_t batch) const {
        return std::min(batch_size_, samples_ - batch * batch_size_);
    }
    std::size_t first_of(std::size_t batch) const { return batch * batch_size_; }
    // The tiles of a batch: from begin_of(batch) to begin_of(batch + 1).
    std::size_t begin_of(std::size_t batch) const {
        return std::min(batch * tiles_per_batch_, tiles_.size());
    }
    std::size_t count() const { return tiles_.size(); }
    const Tile& operator[](std::size_t tile) const { return tiles_[tile]; }
    std::size_t max_vectors() const { return max_vectors_; }  // of all tiles

private:
    static std::size_t divided_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

    std::size_t samples_, batch_size_, batches_, max_vectors_, tiles_per_batch_;
    std::vector<Tile> tiles_;
};

}  // namespace denseloop
