// Strided matrices, checked and packed into the tiles of the kernels.
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

#include "base/pacer.hpp"
#include "kernels/kernel_table.hpp"
#include "samples/inputs.hpp"
#include "samples/tiling.hpp"

namespace denseloop {

// Throws std::invalid_argument for the first value of rows [first, first + count) that is not
// finite.
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

template <class T>
bool are_finite(const T* values, std::size_t count) {
    constexpr std::size_t width = vector_lanes<T>;
    T zero_if_finite[width] = {};  // independent sums, which the compiler vectorizes
    std::size_t j = 0;
    for (; j + width <= count; j += width) {
        for (std::size_t k = 0; k < width; ++k) zero_if_finite[k] += values[j + k] * T(0);
    }
    for (; j < count; ++j) zero_if_finite[0] += values[j] * T(0);
    T total = 0;
    for (const T zero : zero_if_finite) total += zero;
    return total == 0;
}

// Refuses values that are not finite in rows [first, first + count), which are contiguous.
template <class T>
void require_finite(const MatrixView<T>& matrix, const char* name, std::size_t first,
                    std::size_t count) {
    const std::size_t columns = matrix.columns;
    // Adjacent rows are one run of numbers.
    const bool whole = matrix.row_stride == static_cast<std::ptrdiff_t>(columns * sizeof(T));
    const std::size_t runs = whole ? 1 : count, length = whole ? count * columns : columns;
    for (std::size_t i = 0; i < runs; ++i) {
        if (!are_finite(matrix.row(first + i), length)) refuse(matrix, name, first, count);
    }
}

// to[i * to_row + j * to_column] = matrix(first + i, j). Refuses values that are not finite; `name`
// is for the error. It copies a cache line of columns at a time, since a tile's columns lie far
// apart.
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
            copy(sizeof(T), begin, width);  // constants make it several times faster
        } else {
            copy(matrix.column_stride, begin, n);
        }
    }
    if (!finite) refuse(matrix, name, first, count);
}

// Copies one row to contiguous values. Refuses values that are not finite.
template <class T>
void copy_row(const MatrixView<T>& matrix, const char* name, std::size_t row, T* values) {
    copy_finite(matrix, name, row, 1, values, 0, 1);
}

// The row of each lane of a tile: row indices[i] for sample i, or row i. Rows are contiguous. Lanes
// past the samples repeat the last one, so that nothing overflows there that does not overflow
// elsewhere.
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

// The columns of a panel, which stays in a second-level cache: 16 vectors take 272 KiB.
constexpr std::size_t panel_columns = 256;

// Packs a tile (columns, vectors, lanes). Refuses values that are not finite.
template <class T>
void pack_tile(const Kernels<T>& kernels, const MatrixView<T>& matrix, const char* name,
               const Tile& tile, T* packed, Pacer& pacer) {
    const std::size_t stride = tile_stride<T>(tile.vectors), lanes = tile.vectors * vector_lanes<T>;
    if (matrix.has_contiguous_rows() && matrix.columns >= vector_lanes<T>) {
        const std::size_t at_once = std::max<std::size_t>(1, cost::longest_chunk / matrix.columns);
        for (std::size_t i = 0; i < tile.samples; i += at_once) {
            const std::size_t count = std::min(at_once, tile.samples - i);
            require_finite(matrix, name, tile.first + i, count);
            pacer.poll(count * matrix.columns);
        }
        const auto rows = lane_rows(matrix.from(tile.first), tile);
        for (std::size_t first = 0; first < matrix.columns; first += panel_columns) {
            const Range panel{first, std::min(matrix.columns, first + panel_columns)};
            kernels.transpose_rows(rows.data(), panel, tile.vectors, packed + first * stride);
            pacer.poll(size(panel) * lanes * cost::packing);
        }
        return;
    }
    pacer.poll(matrix.columns * lanes * cost::packing);
    copy_finite(matrix, name, tile.first, tile.samples, packed, 1, stride);
    for (T* unit = packed; unit < packed + matrix.columns * stride; unit += stride) {
        std::fill(unit + tile.samples, unit + lanes, unit[tile.samples - 1]);
    }
}

// Packs a tile of sparse rows: row order[k] for sample k of the epoch, or row k.
template <class T>
void pack_tile(const SparseView<T>& matrix, const Tile& tile, const std::int64_t* order,
               T* packed) {
    const std::size_t stride = tile_stride<T>(tile.vectors);
    for (std::size_t i = 0; i < tile.vectors * vector_lanes<T>; ++i) {
        const std::size_t k = tile.first + std::min(i, tile.samples - 1);
        matrix.store_row(order ? static_cast<std::size_t>(order[k]) : k, packed + i, stride);
    }
}

// Unpacks a tile (columns, vectors, lanes) whose samples are number first, first + 1, ... of the
// epoch into rows, `row_stride` apart: sample k goes to row order[k], or to row k.
template <class T>
void unpack_tile(const T* tile, std::size_t columns, std::size_t vectors, std::size_t first,
                 std::size_t count, const std::int64_t* order, T* rows, std::size_t row_stride) {
    const std::size_t stride = tile_stride<T>(vectors);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t k = first + i;
        T* const row = rows + row_stride * (order ? static_cast<std::size_t>(order[k]) : k);
        for (std::size_t j = 0; j < columns; ++j) row[j] = tile[j * stride + i];
    }
}

// The same into adjacent rows (n_samples, columns).
template <class T>
void unpack_tile(const T* tile, std::size_t columns, std::size_t vectors, std::size_t first,
                 std::size_t count, const std::int64_t* order, T* rows) {
    unpack_tile(tile, columns, vectors, first, count, order, rows, columns);
}

}  // namespace denseloop
