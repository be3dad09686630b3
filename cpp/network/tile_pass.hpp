// One tile through the network and back, with the workspace that this takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/executor.hpp"
#include "kernels/kernel_table.hpp"
#include "network/layout.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class NetworkPass {
public:
    // For tiles of at most `max_vectors` vectors, at least 1.
    NetworkPass(const Layout& layout, std::size_t max_vectors)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          unit_size_(checked_product(max_vectors, vector_lanes<T>)),
          memory_(
              checked_product(checked_sum(layout.n_units(), 2 * layout.max_width()), unit_size_)),
          ones_(layout.n_outputs(), T(1)) {
        T* next = memory_.data();
        for (const Layer& layer : layout.layers()) {
            outputs_.push_back(next);
            next += layer.fan_out * unit_size_;
        }
        delta_ = next;
        delta_below_ = next + layout.max_width() * unit_size_;
    }

    // All layers. input (n_inputs, vectors, lanes) stays the caller's; output() then holds the
    // predictions.
    void predict(const T* parameters, const T* input, std::size_t vectors, Crew crew) {
        forward_to_output(parameters, input, vectors, crew);
        const Layer& last = layout_.layers().back();
        kernels_.activate(last.activation, outputs_.back(), last.fan_out, vectors);
    }

    // The same with the loss of the tile's `samples` samples. target (n_outputs, vectors, lanes),
    // weights (vectors, lanes) or null. Returns Kernels::output_delta's sum, and leaves everything
    // ready for the way back: backward(), or from the last layer to the first layer_gradient() and
    // propagate() to the layer below.
    T forward(const Criterion<T>& criterion, const T* parameters, const T* input, const T* target,
              const T* weights, std::size_t vectors, std::size_t samples, Crew crew) {
        forward_to_output(parameters, input, vectors, crew);
        samples_ = samples;
        derivative_at_ = criterion.derivative_at;
        const Layer& last = layout_.layers().back();
        return kernels_.output_delta(criterion, last.activation, outputs_.back(), target, weights,
                                     delta_, last.fan_out, vectors, samples);
    }

    // All layers' gradients into `gradient` (flat, as the parameters): stored, or added.
    void backward(const T* parameters, T* gradient, bool accumulate, Crew crew) {
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            over_inputs(k, k > 0 ? 2 : 1, crew, [&](Range inputs) {
                layer_gradient(k, inputs, gradient, accumulate);
                if (k > 0) propagate(k, inputs, parameters);
            });
            std::swap(delta_, delta_below_);
        }
    }

    // Layer k's gradient alone.
    void layer_gradient(std::size_t k, T* gradient, bool accumulate, Crew crew) const {
        over_inputs(k, 1, crew,
                    [&](Range inputs) { layer_gradient(k, inputs, gradient, accumulate); });
    }

    // From the delta of layer k > 0 to that of layer k - 1.
    void propagate(std::size_t k, const T* parameters, Crew crew) {
        over_inputs(k, 1, crew, [&](Range inputs) { propagate(k, inputs, parameters); });
        std::swap(delta_, delta_below_);
    }

    // After predict(): the derivatives of output `unit` of each sample by all parameters, times the
    // sample's `factor` (vectors, lanes), into jacobian (n_parameters, vectors, lanes).
    void jacobian(std::size_t unit, const T* parameters, const T* factor, T* jacobian, Crew crew) {
        const std::size_t n_outputs = layout_.n_outputs(), stride = vectors_ * vector_lanes<T>;
        std::fill_n(delta_, n_outputs * stride, T(0));
        // The delta as a layer above would send it down that takes this output alone.
        const Layer above{n_outputs, 1, 0, 1, n_outputs, n_outputs, false, {}};
        kernels_.propagate(above, {unit, unit + 1}, layout_.layers().back().activation,
                           derivative_at_, ones_.data(), outputs_.back(), factor, delta_, vectors_);
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            kernels_.jacobian(layout_.layers()[k], input_of(k), delta_, jacobian, vectors_);
            if (k > 0) propagate(k, parameters, crew);
        }
    }

    // (n_outputs, vectors, lanes), of the tile that went through last
    const T* output() const { return outputs_.back(); }

private:
    void forward_to_output(const T* parameters, const T* input, std::size_t vectors, Crew crew) {
        input_ = input;
        vectors_ = vectors;
        const std::size_t stride = vectors * vector_lanes<T>, n_layers = layout_.layers().size();
        for (std::size_t k = 0; k < n_layers; ++k) {
            const Layer& layer = layout_.layers()[k];
            crew.in_portions(layer.fan_out, layer.fan_in * stride, [&](Range outputs) {
                kernels_.affine(layer, outputs, parameters, input_of(k), outputs_[k], vectors);
                if (k + 1 < n_layers) {
                    kernels_.activate(layer.activation, outputs_[k] + outputs.begin * stride,
                                      outputs.end - outputs.begin, vectors);
                }
            });
        }
    }

    template <class F>
    void over_inputs(std::size_t k, std::size_t products, Crew crew, const F& f) const {
        const Layer& layer = layout_.layers()[k];
        crew.in_portions(layer.fan_in, products * layer.fan_out * vectors_ * vector_lanes<T>, f);
    }

    void layer_gradient(std::size_t k, Range inputs, T* gradient, bool accumulate) const {
        kernels_.layer_gradient(layout_.layers()[k], inputs, input_of(k), delta_, gradient,
                                samples_, accumulate);
    }

    void propagate(std::size_t k, Range inputs, const T* parameters) const {
        kernels_.propagate(layout_.layers()[k], inputs, layout_.layers()[k - 1].activation,
                           derivative_at_, parameters, input_of(k), delta_, delta_below_, vectors_);
    }

    const T* input_of(std::size_t k) const { return k == 0 ? input_ : outputs_[k - 1]; }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    std::size_t unit_size_;
    AlignedBuffer<T> memory_;
    std::vector<T> ones_;      // (n_outputs)
    std::vector<T*> outputs_;  // of each layer (fan_out, vectors, lanes), within memory_
    T* delta_;                 // (max_width, vectors, lanes), within memory_
    T* delta_below_;           // likewise
    const T* input_ = nullptr;
    std::size_t vectors_ = 0;
    std::size_t samples_ = 0;
    DerivativeAt derivative_at_ = DerivativeAt::pre_activation;
};

}  // namespace denseloop
