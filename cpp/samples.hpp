// Samples between the caller's row-major, possibly strided matrices and the tiles of the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

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

// Rows [first, first + count) of `matrix` into tile (columns, vectors, lanes); the lanes past
// `count` become 0. `name` is for the error: std::invalid_argument where a value is not finite.
template <class T>
void pack(const MatrixView<T>& matrix, const char* name, std::size_t first, std::size_t count,
          T* tile, std::size_t vectors) {
    const std::size_t stride = vectors * vector_lanes<T>;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < matrix.columns; ++j) {
            const T value = matrix.at(first + i, j);
            if (!std::isfinite(value)) {
                const std::string shown = std::isnan(value) ? "nan" : std::to_string(value);
                throw std::invalid_argument(std::string(name) + " must be finite, got " + shown +
                                            " in row " + std::to_string(first + i) + ", column " +
                                            std::to_string(j));
            }
            tile[j * stride + i] = value;
        }
    }
    for (std::size_t j = 0; j < matrix.columns; ++j) {
        std::fill(tile + j * stride + count, tile + (j + 1) * stride, T(0));
    }
}

// The first `count` samples of a tile (columns, vectors, lanes) to rows (count, columns).
template <class T>
void unpack(const T* tile, std::size_t columns, std::size_t vectors, std::size_t count, T* rows) {
    const std::size_t stride = vectors * vector_lanes<T>;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < columns; ++j) rows[i * columns + j] = tile[j * stride + i];
    }
}

// A long tile spreads the sum over the lanes, which each gradient ends with, over many samples; a
// short one keeps its activations in the first-level cache. Measured from 2-4-1 to 784-128-10, 16
// vectors are as good as 32 and up to a quarter faster than 8 or 4. The bits of a gradient depend
// on it.
constexpr std::size_t vectors_per_tile = 16;

// How samples are cut into tiles.
template <class T>
struct Tiling {
    static constexpr std::size_t samples_per_tile = vectors_per_tile * vector_lanes<T>;

    std::size_t samples;

    std::size_t count() const { return (samples + samples_per_tile - 1) / samples_per_tile; }
    std::size_t first(std::size_t tile) const { return tile * samples_per_tile; }
    std::size_t samples_in(std::size_t tile) const {
        return std::min(samples_per_tile, samples - first(tile));
    }
    std::size_t vectors_in(std::size_t tile) const {
        return (samples_in(tile) + vector_lanes<T> - 1) / vector_lanes<T>;
    }
};

// All tiles of a matrix, packed once for many epochs.
template <class T>
class PackedSamples {
public:
    PackedSamples(const MatrixView<T>& matrix, const char* name, Tiling<T> tiling, Pacer& pacer)
        : columns_(matrix.columns),
          tiling_(tiling),
          values_(checked_product(matrix.columns,
                                  checked_product(tiling.count(), tiling.samples_per_tile))) {
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            pacer.poll(8 * tiling.samples_in(k) * columns_);  // a value is read from far away
            pack(matrix, name, tiling.first(k), tiling.samples_in(k), values_.data() + offset(k),
                 tiling.vectors_in(k));
        }
    }

    const T* tile(std::size_t k) const { return values_.data() + offset(k); }

private:
    std::size_t offset(std::size_t k) const { return tiling_.first(k) * columns_; }

    std::size_t columns_;
    Tiling<T> tiling_;
    AlignedBuffer<T> values_;
};

}  // namespace denseloop
