// Samples between the caller's row-major, possibly strided matrices and the tiles of the kernels.
#pragma once

#include <algorithm>
#include <array>
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

    // Its rows from `first` on.
    MatrixView from(std::size_t first) const {
        return {data + static_cast<std::ptrdiff_t>(first) * row_stride, rows - first, columns,
                row_stride, column_stride};
    }

    // Whether row(i) is an array of T.
    bool has_contiguous_rows() const {
        const auto aligned = [](auto address) {
            return static_cast<std::uintptr_t>(address) % alignof(T) == 0;
        };
        return (columns == 1 || column_stride == sizeof(T)) &&
               aligned(reinterpret_cast<std::uintptr_t>(data)) && aligned(row_stride);
    }
    const T* row(std::size_t i) const {
        return reinterpret_cast<const T*>(data + static_cast<std::ptrdiff_t>(i) * row_stride);
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

// Refuses values of rows [first, first + count), each contiguous, that are not finite.
template <class T>
void require_finite(const MatrixView<T>& matrix, const char* name, std::size_t first,
                    std::size_t count) {
    const std::size_t columns = matrix.columns;
    // One run of numbers where nothing lies between the rows.
    const bool whole = matrix.row_stride == static_cast<std::ptrdiff_t>(columns * sizeof(T));
    const std::size_t runs = whole ? 1 : count, length = whole ? count * columns : columns;
    bool finite = true;
    for (std::size_t i = 0; i < runs; ++i) {
        const T* const run = matrix.row(first + i);
        for (std::size_t j = 0; j < length; ++j) {
            finite &= std::abs(run[j]) <= std::numeric_limits<T>::max();
        }
    }
    if (!finite) refuse(matrix, name, first, count);
}

// Rows [first, first + count) one after the other. Refuses values that are not finite; `name` is
// for the error. A cache line of columns at a time, since those of a matrix in columns lie far
// apart.
template <class T>
void copy_finite(const MatrixView<T>& matrix, const char* name, std::size_t first,
                 std::size_t count, T* rows) {
    constexpr std::size_t width = vector_lanes<T>;
    bool finite = true;
    const auto copy = [&](std::ptrdiff_t column_stride, std::size_t begin, std::size_t n) {
        for (std::size_t i = 0; i < count; ++i) {
            const char* from = matrix.data +
                               static_cast<std::ptrdiff_t>(first + i) * matrix.row_stride +
                               static_cast<std::ptrdiff_t>(begin) * column_stride;
            T* const to = rows + i * matrix.columns + begin;
            for (std::size_t j = 0; j < n; ++j, from += column_stride) {
                std::memcpy(to + j, from, sizeof(T));
                finite &= std::abs(to[j]) <= std::numeric_limits<T>::max();
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

template <class T>
MatrixView<T> contiguous_rows(const T* values, std::size_t rows, std::size_t columns) {
    return {reinterpret_cast<const char*>(values), rows, columns,
            static_cast<std::ptrdiff_t>(columns * sizeof(T)), sizeof(T)};
}

// Rows [first, first + count), finite and each contiguous: the matrix's own or, where those are
// not, a copy, for which there must be room.
template <class T>
MatrixView<T> finite_rows(const MatrixView<T>& matrix, const char* name, std::size_t first,
                          std::size_t count, T* copy) {
    if (matrix.has_contiguous_rows()) {
        require_finite(matrix, name, first, count);
        return matrix.from(first);
    }
    copy_finite(matrix, name, first, count, copy);
    return contiguous_rows<T>(copy, count, matrix.columns);
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

// The row of each lane of a tile: of sample i it is rows' row indices[i], or i. The lanes past the
// samples have the last one's, so that nothing overflows there that does not overflow elsewhere.
template <class T>
using LaneRows = std::array<const T*, vectors_per_tile * vector_lanes<T>>;
template <class T>
LaneRows<T> lane_rows(const MatrixView<T>& rows, const Tile& tile,
                      const std::int64_t* indices = nullptr) {
    LaneRows<T> lanes;
    for (std::size_t i = 0; i < tile.samples; ++i) {
        lanes[i] = rows.row(indices ? static_cast<std::size_t>(indices[i]) : i);
    }
    for (std::size_t i = tile.samples; i < tile.vectors * vector_lanes<T>; ++i) {
        lanes[i] = lanes[tile.samples - 1];
    }
    return lanes;
}

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
