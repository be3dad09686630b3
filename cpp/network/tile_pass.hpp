// The forward and backward pass of one tile, with its workspace.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "base/executor.hpp"
#include "network/layout.hpp"
#include "samples/tile_input.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class TilePass {
public:
    // Serves tiles of at most `max_vectors` vectors, at least 1, and sparse ones if `sparse`.
    TilePass(const Layout& layout, std::size_t max_vectors, bool sparse = false)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          unit_size_(tile_stride<T>(max_vectors)),
          memory_(
              checked_product(checked_sum(checked_sum(layout.n_units(), layout.n_units_with_z()),
                                          2 * layout.max_width()),
                              unit_size_)),
          rows_(sparse ? checked_product(max_vectors * vector_lanes<T>,
                                         padded<T>(layout.layers()[0].fan_out))
                       : 0),
          ones_(layout.n_outputs(), T(1)) {
        T* next = memory_.data();
        for (const Layer& layer : layout.layers()) {
            const std::size_t size = layer.fan_out * unit_size_;
            outputs_.push_back(std::exchange(next, next + size));
            const bool needs_z = traits(layer.activation.member).derivative_needs_z;
            derivative_inputs_.push_back(needs_z ? std::exchange(next, next + size)
                                                 : outputs_.back());
        }
        delta_ = next;
        delta_below_ = next + layout.max_width() * unit_size_;
    }

    // Computes the predictions of a tile, which output() then holds. The input must outlive the
    // pass.
    void predict(const T* parameters, TileInput<T> input, std::size_t samples,
                 const Executor& executor) {
        forward_to_output(parameters, input, samples, executor);
        const Layer& last = layout_.layers().back();
        const std::size_t stride = tile_stride<T>(vectors_);
        const auto activate = [&](Range units) {
            kernels_.activate(last.activation, derivative_inputs_.back() + units.begin * stride,
                              outputs_.back() + units.begin * stride, size(units), vectors_);
        };
        if (traits(last.activation.member).couples_outputs) return activate({0, last.fan_out});
        executor.parallel_for(last.fan_out, work(cost::activation * stride), activate);
    }

    // Computes the predictions and returns the loss of the tile's `samples` samples, as
    // Kernels::output_delta does. target (n_outputs, vectors, lanes), weights (vectors, lanes) or
    // null. Then follows backward(); or, from the last layer to the first, layer_gradient() and
    // propagate().
    T forward(const Criterion<T>& criterion, const T* parameters, TileInput<T> input,
              const T* target, const T* weights, std::size_t samples, const Executor& executor) {
        forward_to_output(parameters, input, samples, executor);
        derivative_at_ = criterion.derivative_at;
        T loss = 0;
        alignas(vector_bytes) T totals[vector_lanes<T>] = {};
        const Layer& last = layout_.layers().back();
        const OutputTile<T> tile{derivative_inputs_.back(),
                                 outputs_.back(),
                                 target,
                                 weights,
                                 delta_,
                                 last.fan_out,
                                 vectors_,
                                 tile_stride<T>(vectors_),
                                 samples};
        in_output_parts(executor, [&](Range units, Range vectors) {
            loss = kernels_.output_delta(criterion, last.activation, tile.part(units, vectors),
                                         totals);
        });
        return loss;
    }

    // Stores the gradients of all layers in `gradient` (flat, like the parameters), or adds them.
    void backward(const T* parameters, T* gradient, bool accumulate, const Executor& executor) {
        for (std::size_t k = layout_.layers().size(); k-- > 1;) {
            over_inputs(k, 2, executor, [&](Range inputs) {
                layer_gradient(k, inputs, gradient, accumulate);
                propagate(k, inputs, parameters);
            });
            std::swap(delta_, delta_below_);
        }
        layer_gradient(0, gradient, accumulate, executor);
    }

    // Stores or adds the gradient of layer k.
    void layer_gradient(std::size_t k, T* gradient, bool accumulate, const Executor& executor) {
        if (k == 0 && input_.sparse) return sparse_gradient(gradient, accumulate, executor);
        over_inputs(k, 1, executor,
                    [&](Range inputs) { layer_gradient(k, inputs, gradient, accumulate); });
    }

    // Propagates the delta of layer k > 0 to layer k - 1.
    void propagate(std::size_t k, const T* parameters, const Executor& executor) {
        over_inputs(k, 1, executor, [&](Range inputs) { propagate(k, inputs, parameters); });
        std::swap(delta_, delta_below_);
    }

    // After predict(): computes the derivatives of output `unit` of each sample by all parameters,
    // times the sample's `factor` (vectors, lanes). jacobian (n_parameters, vectors, lanes).
    void jacobian(std::size_t unit, const T* parameters, const T* factor, T* jacobian,
                  const Executor& executor) {
        seed(unit, factor);
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            kernels_.jacobian(layout_.layers()[k], input_of(k), delta_, jacobian, vectors_);
            if (k > 0) propagate(k, parameters, executor);
        }
    }

    // The same by all inputs. derivatives (n_inputs, vectors, lanes).
    void input_derivatives(std::size_t unit, const T* parameters, const T* factor, T* derivatives,
                           const Executor& executor) {
        seed(unit, factor);
        for (std::size_t k = layout_.layers().size(); k-- > 1;) {
            propagate(k, parameters, executor);
        }
        over_inputs(0, 1, executor, [&](Range inputs) {  // the identity's derivative is of nothing
            kernels_.propagate(layout_.layers()[0], inputs, {Activation::identity, 0},
                               derivative_at_, parameters, derivatives, delta_, derivatives,
                               vectors_);
        });
    }

    // The predictions (n_outputs, vectors, lanes) of the latest tile.
    const T* output() const { return outputs_.back(); }

private:
    // Makes the output's delta that of output `unit` alone, times each sample's factor.
    void seed(std::size_t unit, const T* factor) {
        const std::size_t n_outputs = layout_.n_outputs(), stride = tile_stride<T>(vectors_);
        const ActivationFunction& activation = layout_.layers().back().activation;
        if (traits(activation.member).couples_outputs) {  // a[unit] * ((j == unit) - a[j])
            const T* const a = outputs_.back();
            for (std::size_t j = 0; j < n_outputs; ++j) {
                for (std::size_t i = 0; i < vectors_ * vector_lanes<T>; ++i) {
                    const T own = a[unit * stride + i];
                    delta_[j * stride + i] = factor[i] * own * (T(j == unit) - a[j * stride + i]);
                }
            }
            return;
        }
        std::fill_n(delta_, n_outputs * stride, T(0));
        // Seed the backward pass with the unit vector of this output: the delta that a layer above
        // would propagate if it had one unit with weight 1.
        const Layer above{.fan_in = n_outputs,
                          .fan_out = 1,
                          .weights = 0,
                          .stride = 1,
                          .bias = n_outputs,
                          .end = n_outputs,
                          .has_bias = false,
                          .activation = {Activation::identity, 0}};
        kernels_.propagate(above, {unit, unit + 1}, activation, derivative_at_, ones_.data(),
                           derivative_inputs_.back(), factor, delta_, vectors_);
    }

    // Calls f(units, vectors) for parts of the output layer in turn, each of which takes no long
    // time: some units, or some vectors if the activation couples the units.
    template <class F>
    void in_output_parts(const Executor& executor, const F& f) const {
        const Layer& last = layout_.layers().back();
        const std::size_t units = last.fan_out, lanes = vector_lanes<T>;
        const bool coupled = traits(last.activation.member).couples_outputs;
        const std::size_t count = coupled ? vectors_ : units;
        const std::size_t each = work(cost::activation * (coupled ? units : vectors_) * lanes);
        const std::size_t at_once = std::max<std::size_t>(1, cost::longest_portion / each);
        for (std::size_t first = 0; first < count; first += at_once) {
            const Range part{first, std::min(count, first + at_once)};
            executor.pacer.poll(size(part) * each);
            coupled ? f(Range{0, units}, part) : f(part, Range{0, vectors_});
        }
    }

    void forward_to_output(const T* parameters, TileInput<T> input, std::size_t samples,
                           const Executor& executor) {
        input_ = input;
        samples_ = samples;
        vectors_ = padded<T>(samples) / vector_lanes<T>;
        if (input.sparse) sparse_affine(parameters, executor);
        if (input.unpacked) unpacked_affine(*input.unpacked, parameters, executor);
        const std::size_t stride = tile_stride<T>(vectors_), n_layers = layout_.layers().size();
        for (std::size_t k = 0; k < n_layers; ++k) {
            const Layer& layer = layout_.layers()[k];
            const bool multiplied = k == 0 && !input.dense;
            const std::size_t rows = multiplied ? cost::activation : layer.fan_in;
            executor.parallel_for(layer.fan_out, work(rows * stride), [&](Range outputs) {
                if (!multiplied) {
                    kernels_.affine(layer, outputs, {0, layer.fan_in}, parameters, input_of(k),
                                    derivative_inputs_[k], samples);
                }
                if (k + 1 < n_layers) {
                    const std::size_t first = outputs.begin * stride;
                    kernels_.activate(layer.activation, derivative_inputs_[k] + first,
                                      outputs_[k] + first, outputs.end - outputs.begin, vectors_);
                }
            });
        }
    }

    // The pre-activations of the first layer for samples that are packed here, panel by panel.
    void unpacked_affine(const UnpackedTile<T>& tile, const T* parameters,
                         const Executor& executor) {
        const Layer& layer = layout_.layers()[0];
        const std::size_t stride = tile_stride<T>(vectors_);
        for (std::size_t first = 0; first < layer.fan_in; first += panel_columns) {
            const Range panel{first, std::min(layer.fan_in, first + panel_columns)};
            const std::size_t columns = panel.end - panel.begin;
            T* const packed = tile.memory + (tile.whole ? first * stride : 0);
            executor.parallel_for(columns, stride * cost::packing, [&](Range part) {
                kernels_.transpose_rows(tile.rows.data(), {first + part.begin, first + part.end},
                                        vectors_, packed + part.begin * stride);
            });
            executor.parallel_for(layer.fan_out, work(columns * stride), [&](Range outputs) {
                kernels_.affine(layer, outputs, panel, parameters, packed, derivative_inputs_[0],
                                samples_);
            });
        }
        if (tile.whole) input_ = tile.memory;
    }

    // The pre-activations of the first layer for sparse samples, as rows and then as a tile.
    void sparse_affine(const T* parameters, const Executor& executor) {
        const SparseTile<T>& tile = *input_.sparse;
        const Layer& layer = layout_.layers()[0];
        executor.parallel_for(
            tile.samples(), work(tile.stored() * layer.fan_out / tile.samples() + 1),
            [&](Range samples) {
                kernels_.sparse_affine(layer, samples, tile.rows(), parameters, rows_.data());
            });
        const auto rows = contiguous_rows(rows_.data(), tile.samples(), padded<T>(layer.fan_out));
        const auto lanes = lane_rows(rows, Tile{0, tile.samples(), vectors_});
        kernels_.transpose_rows(lanes.data(), {0, layer.fan_out}, vectors_, derivative_inputs_[0]);
    }

    // The gradient of the first layer for sparse samples.
    void sparse_gradient(T* gradient, bool accumulate, const Executor& executor) {
        const SparseTile<T>& tile = *input_.sparse;
        const Layer& layer = layout_.layers()[0];
        kernels_.transpose_tile(delta_, layer.fan_out, vectors_, rows_.data());
        if (!accumulate) {
            executor.parallel_for(layer.fan_in, layer.fan_out, [&](Range inputs) {
                std::fill(gradient + layer.weights + inputs.begin * layer.fan_out,
                          gradient + layer.weights + inputs.end * layer.fan_out, T(0));
            });
        }
        executor.parallel_for(
            tile.n_columns(),
            work(tile.stored() * layer.fan_out / std::max<std::size_t>(1, tile.n_columns()) + 1),
            [&](Range columns) {
                kernels_.sparse_gradient(layer, columns, tile.columns(), rows_.data(), gradient,
                                         accumulate);
            });
        kernels_.layer_gradient(layer, {0, 0}, nullptr, delta_, gradient, samples_, accumulate);
    }

    // Calls f(inputs) for portions of the inputs of layer k, with `products` matrix products each.
    template <class F>
    void over_inputs(std::size_t k, std::size_t products, const Executor& executor,
                     const F& f) const {
        const Layer& layer = layout_.layers()[k];
        executor.parallel_for(layer.fan_in,
                              work(products * layer.fan_out * vectors_ * vector_lanes<T>), f);
    }

    // What so many multiply-adds take on this target.
    std::size_t work(std::size_t multiply_adds) const {
        return multiply_adds * kernels_.multiply_add_cost;
    }

    void layer_gradient(std::size_t k, Range inputs, T* gradient, bool accumulate) const {
        kernels_.layer_gradient(layout_.layers()[k], inputs, input_of(k), delta_, gradient,
                                samples_, accumulate);
    }

    void propagate(std::size_t k, Range inputs, const T* parameters) const {
        kernels_.propagate(layout_.layers()[k], inputs, layout_.layers()[k - 1].activation,
                           derivative_at_, parameters, derivative_inputs_[k - 1], delta_,
                           delta_below_, vectors_);
    }

    const T* input_of(std::size_t k) const { return k == 0 ? input_.dense : outputs_[k - 1]; }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    std::size_t unit_size_;
    AlignedBuffer<T> memory_;
    AlignedBuffer<T> rows_;  // (samples, padded fan_out of the first layer), for sparse samples
    std::vector<T> ones_;    // (n_outputs)
    // Per layer (fan_out, vectors, lanes), within memory_: its activations, and what their
    // derivative is computed from, which are the pre-activations if it needs them.
    std::vector<T*> outputs_, derivative_inputs_;
    T *delta_, *delta_below_;  // (max_width, vectors, lanes), within memory_
    TileInput<T> input_ = nullptr;
    std::size_t vectors_ = 0;
    std::size_t samples_ = 0;
    DerivativeAt derivative_at_ = DerivativeAt::pre_activation;
};

}  // namespace denseloop
