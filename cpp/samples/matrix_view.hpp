// A matrix that the caller owns, with all its numbers in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace denseloop {

// Strides are in bytes and of any sign, elements at any address.
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

    // The rows that start at row `first`.
    MatrixView from(std::size_t first) const {
        return {data + static_cast<std::ptrdiff_t>(first) * row_stride, rows - first, columns,
                row_stride, column_stride};
    }

    // Whether row(i) may be read as an array of T.
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

template <class T>
MatrixView<T> contiguous_rows(const T* values, std::size_t rows, std::size_t columns) {
    return {reinterpret_cast<const char*>(values), rows, columns,
            static_cast<std::ptrdiff_t>(columns * sizeof(T)), sizeof(T)};
}

}  // namespace denseloop
