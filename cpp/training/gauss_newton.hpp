// The least-squares problem of a network over samples at hand. The normal equations of its
// linearization have the Gauss-Newton matrix J^T J.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
#include "base/checked_size.hpp"
#include "network/tile_pass.hpp"
#include "samples/input_tiles.hpp"
#include "samples/samples.hpp"
#include "training/least_squares.hpp"
#include "training/normal_equations.hpp"

namespace denseloop {

template <class T>
class GaussNewton : public LeastSquares<T> {
public:
    // Throws Interrupted.
    GaussNewton(const Layout& layout, const Samples<T>& samples, double decay, Pacer& pacer)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          decay_(layout, decay),
          tiling_(samples.X.rows, samples.X.rows),
          inputs_(samples.X, "X", tiling_, false, 1, 1, SparseAs::dense, pacer),
          targets_(samples.y, "y", tiling_, false, 1, pacer),
          tile_width_(tile_stride<T>(tiling_.max_vectors())),
          factors_(checked_product(samples.weight ? tiling_.count() : 2, tile_width_)),
          weighted_(samples.weight.has_value()),
          pass_(layout, tiling_.max_vectors()),
          residuals_(checked_product(layout.n_outputs(), tile_width_)),
          jacobian_(checked_product(layout.n_parameters() + 1, tile_width_)),
          equations_(layout.n_parameters()),
          sums_(equations_.triangle_size(), BlockTree::positions(0, tiling_.blocks_per_batch())),
          total_(tiling_.blocks_per_batch() > 1 ? equations_.triangle_size() : 0) {
        for (std::size_t k = weighted_ ? 0 : tiling_.count() - 1; k < tiling_.count(); ++k) {
            const Tile tile = tiling_[k];
            std::fill_n(factors(k), tile_width_, T(0));
            for (std::size_t i = 0; i < tile.samples; ++i) {
                factors(k)[i] =
                    samples.weight ? std::sqrt(samples.weight->at(tile.first + i, 0)) : T(1);
            }
        }
        if (!weighted_ && tiling_.count() > 1) std::fill_n(factors(0), tile_width_, T(1));
    }

    double objective(const T* parameters, const Executor& executor) override {
        BlockwiseSum squares(tiles_per_block<T>);
        add_squares(parameters, squares, executor);
        return (squares.total() + decay_.squares(parameters)) / 2;
    }

    NormalEquations<T>& linearize(const T* parameters, const Executor& executor) override {
        if (tiling_.blocks_per_batch() == 1) {
            // The pass of a single tile is still there.
            compute_block(0, 0, parameters, tiling_.count() > 1, executor);
        } else {
            sums_.begin(total_.data());
            add_equations(parameters, 0, sums_, executor);
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

    // Adds the equations of each block, as NormalEquations stores them. The samples begin with that
    // block of all, and those of block 0 have the decay.
    void add_equations(const T* parameters, std::size_t first_block, ArrayTree<T>& sums,
                       const Executor& executor) {
        for (std::size_t block = 0; block < tiling_.blocks_per_batch(); ++block) {
            compute_block(block, first_block, parameters, true, executor);
            equations_.store(sums.next());
            sums.finish_block(executor);
        }
    }

    std::size_t triangle_size() const { return equations_.triangle_size(); }
    std::size_t blocks() const { return tiling_.blocks_per_batch(); }

    // The samples where all are packed, or null.
    const SampleTiles<T>* packed_inputs() const { return inputs_.packed(); }
    const SampleTiles<T>* packed_targets() const {
        return targets_.are_packed() ? &targets_ : nullptr;
    }

private:
    // Computes the equations of a block; `forward_first` unless the forward pass is still there.
    void compute_block(std::size_t block, std::size_t first_block, const T* parameters,
                       bool forward_first, const Executor& executor) {
        equations_.clear();
        if (first_block + block == 0) decay_.add_to(equations_, parameters);
        const std::size_t begin = block * tiles_per_block<T>;
        const std::size_t end = std::min(tiling_.count(), begin + tiles_per_block<T>);
        for (std::size_t k = begin; k < end; ++k) {
            const std::size_t vectors = tiling_[k].vectors, width = tile_stride<T>(vectors);
            if (forward_first) forward(k, parameters, executor);
            for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
                pass_.jacobian(j, parameters, factors(k), jacobian_.data(), executor);
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
        pass_.predict(parameters, inputs_.tile(k, nullptr, 0, alone), tile.samples, alone);
        const T* const targets = targets_.tile(k, nullptr, 0, alone);
        std::fill_n(residuals_.data(), layout_.n_outputs() * width, T(0));
        for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
            for (std::size_t i = j * width; i < j * width + tile.samples; ++i) {
                residuals_.data()[i] = factors(k)[i - j * width] * (pass_.output()[i] - targets[i]);
            }
        }
    }

    // Returns the root of each sample's weight (vectors, lanes) in tile k, 0 past the samples.
    // Without weights all tiles but the last have the same.
    T* factors(std::size_t k) {
        const std::size_t index = weighted_ ? k : k + 1 == tiling_.count();
        return factors_.data() + index * tile_width_;
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    WeightDecay decay_;
    Tiling<T> tiling_;
    InputTiles<T> inputs_;  // dense, as the Jacobian is
    SampleTiles<T> targets_;
    std::size_t tile_width_;
    AlignedBuffer<T> factors_;
    bool weighted_;
    TilePass<T> pass_;
    AlignedBuffer<T> residuals_;    // (n_outputs, vectors, lanes)
    AlignedBuffer<T> jacobian_;     // (n_parameters + 1, vectors, lanes), for one output
    NormalEquations<T> equations_;  // of the block, and in the end of all
    ArrayTree<T> sums_;
    AlignedBuffer<T> total_;
};

}  // namespace denseloop
