// The least-squares problem of a network over samples at hand. The normal equations of its
// linearization have the Gauss-Newton matrix J^T J.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/aligned_buffer.hpp"
#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
#include "base/checked_size.hpp"
#include "network/tile_pass.hpp"
#include "training/least_squares.hpp"
#include "training/least_squares_samples.hpp"
#include "training/normal_equations.hpp"

namespace denseloop {

template <class T>
class GaussNewton : public LeastSquares<T> {
public:
    // The samples begin with this block of all; those of block 0 have the decay in their equations.
    // The layout and the samples must outlive this.
    GaussNewton(const Layout& layout, LeastSquaresSamples<T>& samples, double decay,
                std::size_t first_block = 0)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          decay_(layout, decay),
          first_block_(first_block),
          samples_(samples),
          tiling_(samples.tiling()),
          pass_(layout, tiling_.max_vectors()),
          residuals_(checked_product(layout.n_outputs(), tile_stride<T>(tiling_.max_vectors()))),
          jacobian_(
              checked_product(layout.n_parameters() + 1, tile_stride<T>(tiling_.max_vectors()))),
          equations_(layout.n_parameters()),
          sums_(equations_.triangle_size(),
                BlockTree::positions(first_block, tiling_.blocks_per_batch())),
          total_(equations_.triangle_size()) {}

    double objective(const T* parameters, const Executor& executor) override {
        BlockwiseSum squares(tiles_per_block<T>);
        add_squares(parameters, squares, executor);
        return (squares.total() + decay_.squares(parameters)) / 2;
    }

    NormalEquations<T>& linearize(const T* parameters, const Executor& executor) override {
        if (tiling_.blocks_per_batch() == 1) {
            // The pass of a single tile is still there.
            compute_block(0, parameters, tiling_.count() > 1, executor);
        } else {
            add_equations(parameters, executor);
            sums_.finish(executor);
            equations_.load(total_.data());
        }
        return equations_;
    }

    // Adds the squared errors of each tile.
    void add_squares(const T* parameters, BlockwiseSum& squares, const Executor& executor) {
        for (std::size_t k = 0; k < tiling_.count(); ++k) {
            forward(k, parameters, executor);
            const Rows<T> row{residuals_.data(), 1, 0};
            T sum = 0;
            const std::size_t width = tile_stride<T>(tiling_[k].vectors);
            kernels_.add_products(row, row, layout_.n_outputs() * width / vector_lanes<T>, &sum, 0);
            squares.add(static_cast<double>(sum));
        }
    }

    // Adds the equations of each block, as NormalEquations stores them. Returns their tree.
    ArrayTree<T>& add_equations(const T* parameters, const Executor& executor) {
        sums_.begin(total_.data(), first_block_);
        for (std::size_t block = 0; block < tiling_.blocks_per_batch(); ++block) {
            compute_block(block, parameters, true, executor);
            equations_.store(sums_.next());
            sums_.finish_block(executor);
        }
        return sums_;
    }

    std::size_t triangle_size() const { return equations_.triangle_size(); }

private:
    // Computes the equations of a block; `forward_first` unless the forward pass is still there.
    void compute_block(std::size_t block, const T* parameters, bool forward_first,
                       const Executor& executor) {
        equations_.clear();
        if (first_block_ + block == 0) decay_.add_to(equations_, parameters);
        const std::size_t begin = block * tiles_per_block<T>;
        const std::size_t end = std::min(tiling_.count(), begin + tiles_per_block<T>);
        for (std::size_t k = begin; k < end; ++k) {
            const std::size_t vectors = tiling_[k].vectors, width = tile_stride<T>(vectors);
            if (forward_first) forward(k, parameters, executor);
            for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
                pass_.jacobian(j, parameters, samples_.factors(k), jacobian_.data(), executor);
                std::copy_n(residuals_.data() + j * width, width,
                            jacobian_.data() + layout_.n_parameters() * width);
                equations_.add(jacobian_.data(), vectors, executor);
            }
        }
    }

    // Computes the residuals of tile k (n_outputs, vectors, lanes): errors times the root of the
    // weight.
    void forward(std::size_t k, const T* parameters, const Executor& executor) {
        const Tile tile = tiling_[k];
        const std::size_t width = tile_stride<T>(tile.vectors);
        // One thread suffices: the products of the equations take far longer.
        const Executor alone = executor.alone();
        pass_.predict(parameters, samples_.tiles().inputs.tile(k, nullptr, 0, alone), tile.samples,
                      alone);
        const T* const targets = samples_.tiles().targets.tile(k, nullptr, 0, alone);
        std::fill_n(residuals_.data(), layout_.n_outputs() * width, T(0));
        for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
            for (std::size_t i = j * width; i < j * width + tile.samples; ++i) {
                residuals_.data()[i] =
                    samples_.factors(k)[i - j * width] * (pass_.output()[i] - targets[i]);
            }
        }
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    const WeightDecay decay_;
    const std::size_t first_block_;
    LeastSquaresSamples<T>& samples_;
    const Tiling<T>& tiling_;
    TilePass<T> pass_;
    AlignedBuffer<T> residuals_;    // (n_outputs, vectors, lanes)
    AlignedBuffer<T> jacobian_;     // (n_parameters + 1, vectors, lanes), for one output
    NormalEquations<T> equations_;  // of the block, and in the end of all
    ArrayTree<T> sums_;
    AlignedBuffer<T> total_;  // of the tree; not touched for a single block
};

}  // namespace denseloop
