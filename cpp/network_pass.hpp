// One tile through the network and back, with the workspace that this takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "aligned_buffer.hpp"
#include "dispatch.hpp"
#include "kernel_table.hpp"
#include "layout.hpp"

namespace denseloop {

template <class T>
class NetworkPass {
public:
    // For tiles of at most `max_vectors` vectors.
    NetworkPass(const Layout& layout, std::size_t max_vectors)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          unit_size_(checked_product(max_vectors, vector_lanes<T>)),
          activations_(checked_product(layout.n_units(), unit_size_)),
          delta_(checked_product(layout.max_width(), unit_size_)),
          delta_below_(checked_product(layout.max_width(), unit_size_)) {
        T* next = activations_.data();
        for (const Layer& layer : layout.layers()) {
            outputs_.push_back(next);
            next += layer.fan_out * unit_size_;
        }
    }

    // All layers. input (n_inputs, vectors, lanes); output() then holds the predictions.
    void predict(const T* parameters, const T* input, std::size_t vectors) {
        forward_to_output(parameters, input, vectors);
        const Layer& last = layout_.layers().back();
        kernels_.activate(last.activation, outputs_.back(), last.fan_out, vectors);
    }

    // The same with the loss of the tile's `samples` samples, and everything ready for backward().
    // target (n_outputs, vectors, lanes). Returns Kernels::output_delta's sum.
    T forward(Loss loss, DerivativeAt derivative_at, const T* parameters, const T* input,
              const T* target, std::size_t vectors, std::size_t samples) {
        forward_to_output(parameters, input, vectors);
        return kernels_.output_delta(loss, derivative_at, outputs_.back(), target, delta_.data(),
                                     layout_.n_outputs(), vectors, samples);
    }

    // From the last layer to the first: its gradient, stored or added (flat, as the parameters), then
    // after_gradient(layer), then the delta of the layer below, from the parameters as they are
    // after that call. Stops where after_gradient returns false.
    template <class AfterGradient>
    void backward(DerivativeAt derivative_at, const T* parameters, const T* input, T* gradient,
                  std::size_t vectors, bool accumulate, AfterGradient after_gradient) {
        T* delta = delta_.data();
        T* delta_below = delta_below_.data();
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            const Layer& layer = layout_.layers()[k];
            const T* layer_input = k == 0 ? input : outputs_[k - 1];
            kernels_.layer_gradient(layer, layer_input, delta, gradient, vectors, accumulate);
            if (!after_gradient(layer) || k == 0) return;
            kernels_.propagate(layer, derivative_at, parameters, layer_input, delta, delta_below,
                               vectors);
            std::swap(delta, delta_below);
        }
    }

    // (n_outputs, vectors, lanes), of the tile that went through last
    const T* output() const { return outputs_.back(); }

private:
    void forward_to_output(const T* parameters, const T* input, std::size_t vectors) {
        const std::size_t n_layers = layout_.layers().size();
        for (std::size_t k = 0; k < n_layers; ++k) {
            const Layer& layer = layout_.layers()[k];
            kernels_.affine(layer, parameters, input, outputs_[k], vectors);
            if (k + 1 == n_layers) return;
            kernels_.activate(layer.activation, outputs_[k], layer.fan_out, vectors);
            input = outputs_[k];
        }
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    std::size_t unit_size_;
    AlignedBuffer<T> activations_, delta_, delta_below_;
    std::vector<T*> outputs_;  // of each layer, within activations_
};

}  // namespace denseloop
