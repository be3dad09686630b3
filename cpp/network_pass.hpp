// One tile through the network and back, with the workspace that this takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "aligned_buffer.hpp"
#include "dispatch.hpp"
#include "kernel_table.hpp"
#include "layout.hpp"
#include "pacer.hpp"

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
              checked_product(checked_sum(layout.n_units(), 2 * layout.max_width()), unit_size_)) {
        T* next = memory_.data();
        for (const Layer& layer : layout.layers()) {
            outputs_.push_back(next);
            next += layer.fan_out * unit_size_;
            // At most some 2^22 multiply-adds at once, but 4 units to fill a register block.
            const auto portion = [&](std::size_t others) {
                return std::max<std::size_t>(4, (1u << 22) / (others * unit_size_) / 4 * 4);
            };
            portions_.push_back({portion(layer.fan_in), portion(layer.fan_out)});
        }
        delta_ = next;
        delta_below_ = next + layout.max_width() * unit_size_;
    }

    // All layers. input (n_inputs, vectors, lanes) stays the caller's; output() then holds the
    // predictions. The pacer may throw out of this and all the following.
    void predict(const T* parameters, const T* input, std::size_t vectors, Pacer& pacer) {
        forward_to_output(parameters, input, vectors, pacer);
        const Layer& last = layout_.layers().back();
        kernels_.activate(last.activation, outputs_.back(), last.fan_out, vectors);
    }

    // The same with the loss of the tile's `samples` samples. target (n_outputs, vectors, lanes).
    // Returns Kernels::output_delta's sum, and leaves everything ready for the way back: from the
    // last layer to the first, layer_gradient(), then propagate() to the layer below.
    T forward(Loss loss, DerivativeAt derivative_at, const T* parameters, const T* input,
              const T* target, std::size_t vectors, std::size_t samples, Pacer& pacer) {
        forward_to_output(parameters, input, vectors, pacer);
        samples_ = samples;
        derivative_at_ = derivative_at;
        return kernels_.output_delta(loss, derivative_at, outputs_.back(), target, delta_,
                                     layout_.n_outputs(), vectors, samples);
    }

    // Layer k's gradient into `gradient` (flat, as the parameters): stored, or added.
    void layer_gradient(std::size_t k, T* gradient, bool accumulate, Pacer& pacer) const {
        const Layer& layer = layout_.layers()[k];
        in_portions(layer.fan_in, layer.fan_out, portions_[k].inputs, pacer, [&](Range inputs) {
            kernels_.layer_gradient(layer, inputs, input_of(k), delta_, gradient, samples_,
                                    accumulate);
        });
    }

    // From the delta of layer k > 0 to that of layer k - 1.
    void propagate(std::size_t k, const T* parameters, Pacer& pacer) {
        const Layer& layer = layout_.layers()[k];
        in_portions(layer.fan_in, layer.fan_out, portions_[k].inputs, pacer, [&](Range inputs) {
            kernels_.propagate(layer, inputs, derivative_at_, parameters, input_of(k), delta_,
                               delta_below_, vectors_);
        });
        std::swap(delta_, delta_below_);
    }

    // (n_outputs, vectors, lanes), of the tile that went through last
    const T* output() const { return outputs_.back(); }

private:
    void forward_to_output(const T* parameters, const T* input, std::size_t vectors, Pacer& pacer) {
        input_ = input;
        vectors_ = vectors;
        const std::size_t n_layers = layout_.layers().size();
        for (std::size_t k = 0; k < n_layers; ++k) {
            const Layer& layer = layout_.layers()[k];
            in_portions(
                layer.fan_out, layer.fan_in, portions_[k].outputs, pacer, [&](Range outputs) {
                    kernels_.affine(layer, outputs, parameters, input_of(k), outputs_[k], vectors);
                });
            if (k + 1 == n_layers) return;
            kernels_.activate(layer.activation, outputs_[k], layer.fan_out, vectors);
        }
    }

    // Calls f for ranges of at most `most` units, each with `others` multiply-adds a sample.
    template <class F>
    void in_portions(std::size_t units, std::size_t others, std::size_t most, Pacer& pacer,
                     F f) const {
        for (Range range{0, 0}; range.begin < units; range.begin = range.end) {
            range.end = range.begin + std::min(most, units - range.begin);
            pacer.poll((range.end - range.begin) * others * unit_size_);
            f(range);
        }
    }

    const T* input_of(std::size_t k) const { return k == 0 ? input_ : outputs_[k - 1]; }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    std::size_t unit_size_;
    AlignedBuffer<T> memory_;
    std::vector<T*> outputs_;  // of each layer (fan_out, vectors, lanes), within memory_
    struct Portions {
        std::size_t outputs, inputs;
    };
    std::vector<Portions> portions_;  // of each layer: units between two polls
    T* delta_;                        // (max_width, vectors, lanes), within memory_
    T* delta_below_;                  // likewise
    const T* input_ = nullptr;
    std::size_t vectors_ = 0;
    std::size_t samples_ = 0;
    DerivativeAt derivative_at_ = DerivativeAt::pre_activation;
};

}  // namespace denseloop
