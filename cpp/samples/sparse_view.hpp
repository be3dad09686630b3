// A matrix that the caller owns, with only those numbers in memory that may differ from 0 (CSR).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace denseloop {

// Row i has the stored numbers starts[i] to before starts[i + 1].
template <class T>
struct SparseView {
    const T* values;              // (stored)
    const std::int32_t* indices;  // (stored): the numbers' columns, which ascend within a row
    const std::int64_t* starts;   // (rows + 1), which nobody else writes to
    std::size_t rows, columns;

    std::size_t stored() const { return stored_before(rows); }
    std::size_t stored_in(std::size_t row) const {
        return stored_before(row + 1) - stored_before(row);
    }

    // Calls f(column, value) for the stored numbers of a row. Those whose index the caller has
    // moved out of the matrix meanwhile are skipped.
    template <class F>
    void for_each(std::size_t row, const F& f) const {
        for (std::size_t k = stored_before(row); k < stored_before(row + 1); ++k) {
            const auto column = static_cast<std::size_t>(indices[k]);
            if (column < columns) f(column, values[k]);
        }
    }

    // Stores a whole row, its columns `step` apart.
    void store_row(std::size_t row, T* to, std::size_t step) const {
        for (std::size_t j = 0; j < columns; ++j) to[j * step] = T(0);
        for_each(row, [&](std::size_t column, T value) { to[column * step] = value; });
    }

private:
    std::size_t stored_before(std::size_t row) const {
        return static_cast<std::size_t>(starts[row]);
    }
};

// Refuses rows [first, first + count) that have values which are not finite, or columns that do not
// ascend or are not of the matrix. `name` is for the error.
template <class T>
void require_usable(const SparseView<T>& matrix, const char* name, std::size_t first,
                    std::size_t count) {
    for (std::size_t row = first; row < first + count; ++row) {
        std::int64_t before = -1;
        for (std::int64_t k = matrix.starts[row]; k < matrix.starts[row + 1]; ++k) {
            const std::int32_t column = matrix.indices[k];
            if (column <= before || static_cast<std::size_t>(column) >= matrix.columns) {
                throw std::invalid_argument(std::string(name) + " must have ascending columns of " +
                                            std::to_string(matrix.columns) + ", got column " +
                                            std::to_string(column) + " in row " +
                                            std::to_string(row));
            }
            before = column;
            const T value = matrix.values[k];
            if (!std::isfinite(value)) {
                throw std::invalid_argument(std::string(name) + " must be finite, got " +
                                            (std::isnan(value) ? "nan" : std::to_string(value)) +
                                            " in row " + std::to_string(row) + ", column " +
                                            std::to_string(column));
            }
        }
    }
}

}  // namespace denseloop
