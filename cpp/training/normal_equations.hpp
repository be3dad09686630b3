// The normal equations of a damped linear least-squares problem, (J^T J + damping) step = -J^T r,
// solved by a Cholesky factorization with the same bits on every CPU target and number of threads.
//
// r is one more column of J, so that J^T J has J^T r as its last column, and the factorization also
// solves with the lower triangle. One square matrix holds both: the symmetric matrix in the blocks
// on and above the diagonal, its factor in those below; the factor's diagonal blocks are stored
// separately. So another damping can be tried without computing J^T J again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "base/executor.hpp"
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

    // Adds to the diagonal of J^T J and to J^T r.
    void add(std::size_t unknown, T square, T product) {
        row(unknown)[unknown] += square;
        row(unknown)[unknowns_] += product;
    }

    // Adds the samples of a tile. J (unknowns + 1, vectors, lanes) has a row for each unknown, and
    // the residuals.
    void add(const T* J, std::size_t vectors, const Executor& executor) {
        const std::size_t width = tile_stride<T>(vectors);
        executor.parallel_for(unknowns_, work((rows_ * width + 1) / 2), [&](Range range) {
            const auto add_block = [&](Range rows, Range columns) {
                kernels_.add_products(
                    {J + rows.begin * width, rows.end - rows.begin, width},
                    {J + columns.begin * width, columns.end - columns.begin, width}, vectors,
                    row(rows.begin) + columns.begin, stride_);
            };
            for_each_block(range, [&](std::size_t begin, std::size_t end) {
                const std::size_t right = std::min((begin / block + 1) * block, rows_);
                for (std::size_t i = begin; i < end; i += 8) {  // narrow rows waste little there
                    add_block({i, std::min(i + 8, end)}, {i, right});
                }
                add_block({begin, end}, {right, rows_});
            });
        });
    }

    // J^T J and J^T r in turn: for each unknown the elements from the diagonal's block on.
    std::size_t triangle_size() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < unknowns_; ++i) count += rows_ - i / block * block;
        return count;
    }
    void store(T* triangle) const {
        for (std::size_t i = 0; i < unknowns_; ++i) {
            triangle = std::copy(row(i) + i / block * block, row(i) + rows_, triangle);
        }
    }
    void load(const T* triangle) {
        for (std::size_t i = 0; i < unknowns_; ++i) {
            const std::size_t first = i / block * block;
            std::copy_n(triangle, rows_ - first, row(i) + first);
            triangle += rows_ - first;
        }
    }

    // The diagonal of J^T J, and J^T r.
    T diagonal(std::size_t unknown) const { return row(unknown)[unknown]; }
    T gradient(std::size_t unknown) const { return row(unknown)[unknowns_]; }

    // Stores the solution in step (unknowns). Returns false if J^T J + damping I is not positive
    // definite in this arithmetic.
    bool solve(T damping, T* step, const Executor& executor) {
        for (std::size_t column = 0; column < unknowns_; column += block) {
            if (!factor_columns(column, damping, executor)) return false;
        }
        substitute_back(step, executor.pacer);
        return true;
    }

private:
    // What so many multiply-adds take on this target.
    std::size_t work(std::size_t multiply_adds) const {
        return multiply_adds * kernels_.multiply_add_cost;
    }

    static constexpr std::size_t block = cholesky_block;
    // How many columns' products are added at a time; the caches hold their rows.
    static constexpr std::size_t depth = 64 * vector_lanes<T>;

    T* row(std::size_t i) { return matrix_.data() + i * stride_; }
    const T* row(std::size_t i) const { return matrix_.data() + i * stride_; }
    T* diagonal_block(std::size_t first) { return diagonal_.data() + first * block; }

    // Calls f(begin, end) for the rows of each Cholesky block in the range.
    template <class F>
    static void for_each_block(Range rows, const F& f) {
        while (rows.begin < rows.end) {
            const std::size_t end = std::min(rows.end, (rows.begin / block + 1) * block);
            f(rows.begin, end);
            rows.begin = end;
        }
    }

    // Factors the block column that starts at `first`: the block on the diagonal, then the rows
    // below it.
    bool factor_columns(std::size_t first, T damping, const Executor& executor) {
        const std::size_t columns = std::min(block, unknowns_ - first);
        const std::size_t last = std::min(first + block, rows_);
        T* const triangle = diagonal_block(first);
        executor.pacer.poll(columns * block * (first + block));
        load(first, first, last, columns, triangle);
        for (std::size_t k = 0; k < columns; ++k) triangle[k * block + k] -= damping;
        if (!kernels_.factor_block(triangle, columns, vectors(last - first),
                                   inverses_.data() + first)) {
            return false;
        }
        // The last row of the matrix is not factored and may lie in this block.
        executor.parallel_for(rows_ - last, work(block * (first + block)), [&](Range range) {
            for_each_block({last + range.begin, last + range.end},
                           [&](std::size_t begin, std::size_t end) {
                               alignas(vector_bytes) T values[block * block];
                               load(first, begin, end, columns, values);
                               kernels_.solve_block(triangle, inverses_.data() + first, values,
                                                    columns, vectors(end - begin));
                               for (std::size_t i = begin; i < end; ++i) {
                                   for (std::size_t k = 0; k < columns; ++k) {
                                       row(i)[first + k] = values[k * block + i - begin];
                                   }
                               }
                           });
        });
        return true;
    }

    // values[k * block + i] = the negated Schur complement in column first + k, row begin + i.
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

    // Solves L^T step = -z, where z is the factor's last row. Each known element is eliminated from
    // the others by adding a multiple of the factor's row.
    void substitute_back(T* step, Pacer& pacer) {
        T* const rest = solution_.data();
        const std::size_t last = unknowns_ / block * block;  // the first row of the last block
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
    AlignedBuffer<T> inverses_;  // (stride): -1 over the factor's diagonal
    AlignedBuffer<T> solution_;  // (stride)
};

}  // namespace denseloop
