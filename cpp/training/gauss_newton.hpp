// The least-squares problem of a network: half its sum of weighted squared errors, and the normal
// equations of its linearization, with the Gauss-Newton matrix J^T J.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "network/tile_pass.hpp"
#include "samples/input_tiles.hpp"
#include "samples/samples.hpp"
#include "training/normal_equations.hpp"

namespace denseloop {

template <class T>
class GaussNewton {
public:
    // Adds decay / 2 times the sum of the squared weights. Throws Interrupted.
    GaussNewton(const Layout& layout, const Samples<T>& samples, double decay,
                const Executor& executor)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          decay_(decay),
          executor_(executor),
          tiling_(samples.X.rows, samples.X.rows),
          inputs_(samples.X, "X", tiling_, false, 1, 1, SparseAs::dense, executor.pacer),
          targets_(samples.y, "y", tiling_, false, 1, executor.pacer),
          tile_width_(tile_stride<T>(tiling_.max_vectors())),
          factors_(checked_product(tiling_.count(), tile_width_)),
          pass_(layout, tiling_.max_vectors()),
          residuals_(checked_product(layout.n_outputs(), tile_width_)),
          jacobian_(checked_product(layout.n_parameters() + 1, tile_width_)),
          equations_(layout.n_parameters()) {
        std::fill_n(factors_.data(), tiling_.count() * tile_width_, T(0));
        for (std::size_t k = 0; k < tiling_.count(); ++k) {
            const Tile& tile = tiling_[k];
            for (std::size_t i = 0; i < tile.samples; ++i) {
                factors(k)[i] =
                    samples.weight ? std::sqrt(samples.weight->at(tile.first + i, 0)) : T(1);
            }
        }
    }

    // May be infinite or NaN.
    double objective(const T* parameters) {
        double squares = 0;
        for (std::size_t k = 0; k < tiling_.count(); ++k) {
            forward(k, parameters);
            const Rows<T> row{residuals_.data(), 1, 0};
            T sum = 0;
            const std::size_t width = tile_stride<T>(tiling_[k].vectors);
            kernels_.add_products(row, row, layout_.n_outputs() * width / vector_lanes<T>, &sum, 0);
            squares += static_cast<double>(sum);
        }
        double decayed = 0;
        for_each_weight([&](std::size_t k) {
            decayed += static_cast<double>(parameters[k]) * static_cast<double>(parameters[k]);
        });
        return (squares + decay_ * decayed) / 2;
    }

    // Returns the normal equations, valid until the next call, at the latest parameters of
    // objective().
    NormalEquations<T>& linearize(const T* parameters) {
        equations_.clear();
        for_each_weight([&](std::size_t k) {
            const T decay = static_cast<T>(decay_);
            equations_.add(k, decay, decay * parameters[k]);
        });
        for (std::size_t k = 0; k < tiling_.count(); ++k) {
            const std::size_t vectors = tiling_[k].vectors, width = tile_stride<T>(vectors);
            if (tiling_.count() > 1) forward(k, parameters);  // a single tile is still there
            for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
                pass_.jacobian(j, parameters, factors(k), jacobian_.data(), executor_);
                std::copy_n(residuals_.data() + j * width, width,
                            jacobian_.data() + layout_.n_parameters() * width);
                equations_.add(jacobian_.data(), vectors, executor_);
            }
        }
        return equations_;
    }

private:
    // Computes the residuals of tile k (n_outputs, vectors, lanes): errors times the root of the
    // weight.
    void forward(std::size_t k, const T* parameters) {
        const Tile& tile = tiling_[k];
        const std::size_t width = tile_stride<T>(tile.vectors);
        // One thread suffices: the products of the equations take far longer.
        const Executor alone = executor_.alone();
        pass_.predict(parameters, inputs_.tile(k, nullptr, 0, alone), tile.samples, alone);
        const T* const targets = targets_.tile(k, nullptr, 0, alone);
        std::fill_n(residuals_.data(), layout_.n_outputs() * width, T(0));
        for (std::size_t j = 0; j < layout_.n_outputs(); ++j) {
            for (std::size_t i = j * width; i < j * width + tile.samples; ++i) {
                residuals_.data()[i] = factors(k)[i - j * width] * (pass_.output()[i] - targets[i]);
            }
        }
    }

    template <class F>
    void for_each_weight(const F& f) const {
        if (decay_ == 0) return;
        for (const Layer& layer : layout_.layers()) {
            for (std::size_t k = layer.weights; k < layer.bias; ++k) f(k);
        }
    }

    // Returns the root of each sample's weight (vectors, lanes) in tile k, 0 past the samples.
    T* factors(std::size_t k) { return factors_.data() + k * tile_width_; }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    double decay_;
    Executor executor_;
    Tiling<T> tiling_;
    InputTiles<T> inputs_;  // dense, as the Jacobian is
    SampleTiles<T> targets_;
    std::size_t tile_width_;
    AlignedBuffer<T> factors_;
    TilePass<T> pass_;
    AlignedBuffer<T> residuals_;  // (n_outputs, vectors, lanes)
    AlignedBuffer<T> jacobian_;   // (n_parameters + 1, vectors, lanes), for one output
    NormalEquations<T> equations_;
};

}  // namespace denseloop
