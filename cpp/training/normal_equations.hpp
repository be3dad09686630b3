// The normal equations of a damped linear least-squares problem: (J^T J + damping) step = -J^T r,
// by a Cholesky factorization that gives the same bits on every CPU target and number of threads.
//
// r is one more column of J, so that J^T J has J^T r as its last column, and the factorization
// solves the lower triangle's equations on the way. One square matrix holds both: the symmetric
// one in the blocks of the diagonal and above, its factor in those below; what the factor has on
// the diagonal lies apart. So another damping can be tried without making J^T J again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/aligned_buffer.hpp"
#include "network/tile_pass.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class NormalEquations {
public:
    explicit NormalEquations(std::size_t unknowns)
        : kernels_(active_kernels<T>()),
          unknowns_(unknowns),
          rows_(unknowns + 1),
          stride_((rows_ + block - 1) / block * block),
          matrix_(checked_product(stride_, stride_)),
          diagonal_(checked_product(stride_, block)),
          inverses_(stride_),
          solution_(stride_) {}

    void clear() {
        for (std::size_t i = 0; i < unknowns_; ++i) {
            std::fill(row(i) + i / block * block, row(i) + stride_, T(0));
        }
    }

    // Adds to an unknown's part of J^T J and of J^T r.
    void add(std::size_t unknown, T square, T product) {
        row(unknown)[unknown] += square;
        row(unknown)[unknowns_] += product;
    }

    // Adds the samples of a tile. J (unknowns + 1, vectors, lanes): a row for each unknown, and the
    // residuals.
    void add(const T* J, std::size_t vectors, Crew crew) {
        const std::size_t width = vectors * vector_lanes<T>;
        crew.in_portions(unknowns_, (rows_ * width + 1) / 2, [&](Range range) {
            const auto add_block = [&](Range rows, Range columns) {
                kernels_.add_products(
                    {J + rows.begin * width, rows.end - rows.begin, width},
                    {J + columns.begin * width, columns.end - columns.begin, width}, vectors,
                    row(rows.begin) + columns.begin, stride_);
            };
            in_blocks(range, [&](std::size_t begin, std::size_t end) {
                const std::size_t right = std::min((begin / block + 1) * block, rows_);
                for (std::size_t i = begin; i < end; i += 8) {  // little below the diagonal
                    add_block({i, std::min(i + 8, end)}, {i, right});
                }
                add_block({begin, end}, {right, rows_});
            });
        });
    }

    // Of J^T J and J^T r.
    T diagonal(std::size_t unknown) const { return row(unknown)[unknown]; }
    T gradient(std::size_t unknown) const { return row(unknown)[unknowns_]; }

    // step (unknowns). Returns false if J^T J + damping, a number for each of the diagonal, is not
    // positive definite in this arithmetic.
    bool solve(T damping, T* step, Crew crew) {
        for (std::size_t column = 0; column < unknowns_; column += block) {
            if (!factor_columns(column, damping, crew)) return false;
        }
        substitute_back(step, crew.pacer);
        return true;
    }

private:
    static constexpr std::size_t block = cholesky_block;
    // So many columns' products are added at a time, whose rows the caches hold.
    static constexpr std::size_t depth = 64 * vector_lanes<T>;

    T* row(std::size_t i) { return matrix_.data() + i * stride_; }
    const T* row(std::size_t i) const { return matrix_.data() + i * stride_; }
    T* diagonal_block(std::size_t first) { return diagonal_.data() + first * block; }

    // Calls f(begin, end) for the rows of each block in the range.
    template <class F>
    static void in_blocks(Range rows, const F& f) {
        while (rows.begin < rows.end) {
            const std::size_t end = std::min(rows.end, (rows.begin / block + 1) * block);
            f(rows.begin, end);
            rows.begin = end;
        }
    }

    // The factor's columns from `first` on: the block on the diagonal, then all rows below it.
    bool factor_columns(std::size_t first, T damping, Crew crew) {
        const std::size_t columns = std::min(block, unknowns_ - first);
        const std::size_t last = std::min(first + block, rows_);
        T* const triangle = diagonal_block(first);
        crew.pacer.poll(columns * block * (first + block));
        load(first, first, last, columns, triangle);
        for (std::size_t k = 0; k < columns; ++k) triangle[k * block + k] -= damping;
        if (!kernels_.factor_block(triangle, columns, vectors(last - first),
                                   inverses_.data() + first)) {
            return false;
        }
        // The last column is not factored, and its row may lie in this block.
        crew.in_portions(rows_ - last, block * (first + block), [&](Range range) {
            in_blocks({last + range.begin, last + range.end},
                      [&](std::size_t begin, std::size_t end) {
                          alignas(vector_bytes) T values[block * block];
                          load(first, begin, end, columns, values);
                          kernels_.solve_block(triangle, inverses_.data() + first, values, columns,
                                               vectors(end - begin));
                          for (std::size_t i = begin; i < end; ++i) {
                              for (std::size_t k = 0; k < columns; ++k) {
                                  row(i)[first + k] = values[k * block + i - begin];
                              }
                          }
                      });
        });
        return true;
    }

    // values[k * block + i] = minus what the columns before have left of the matrix in column
    // first + k, row begin + i.
    void load(std::size_t first, std::size_t begin, std::size_t end, std::size_t columns,
              T* values) const {
        const std::size_t count = end - begin;
        for (std::size_t k = 0; k < columns; ++k) {
            const T* const from = row(first + k) + begin;
            T* const to = values + k * block;
            for (std::size_t i = 0; i < count; ++i) to[i] = -from[i];
            std::fill(to + count, to + vectors(count) * vector_lanes<T>, T(0));
        }
        for (std::size_t from = 0; from < first; from += depth) {
            const std::size_t size = std::min(depth, first - from);
            kernels_.add_products({row(first) + from, columns, stride_},
                                  {row(begin) + from, count, stride_}, vectors(size), values,
                                  block);
        }
    }

    // From the factor's last row, z, the solution of L^T step = -z: whenever a number is known, its
    // multiple of the factor's row is added to the others.
    void substitute_back(T* step, Pacer& pacer) {
        T* const rest = solution_.data();
        const std::size_t last = unknowns_ / block * block;  // where the block of the last row is
        std::copy_n(row(unknowns_), last, rest);
        for (std::size_t i = last; i < unknowns_; ++i) {
            rest[i] = diagonal_block(last)[(i - last) * block + unknowns_ - last];
        }
        for (std::size_t i = unknowns_; i-- > 0;) {
            step[i] = rest[i] * inverses_.data()[i];
            const std::size_t first = i / block * block;
            for (std::size_t k = first; k < i; ++k) {
                rest[k] += diagonal_block(first)[(k - first) * block + i - first] * step[i];
            }
            pacer.poll(i);
            kernels_.add_multiple(step[i], row(i), rest, first);
        }
    }

    static std::size_t vectors(std::size_t rows) { return padded<T>(rows) / vector_lanes<T>; }

    const Kernels<T>& kernels_;
    std::size_t unknowns_;
    std::size_t rows_;           // unknowns + 1
    std::size_t stride_;         // whole blocks
    AlignedBuffer<T> matrix_;    // (stride, stride)
    AlignedBuffer<T> diagonal_;  // for each block (block, block), transposed
    AlignedBuffer<T> inverses_;  // (stride): minus 1 over the factor's diagonal
    AlignedBuffer<T> solution_;  // (stride)
};

}  // namespace denseloop
