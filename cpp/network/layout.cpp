#include "network/layout.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace denseloop {
namespace {

constexpr std::size_t largest_object = PTRDIFF_MAX;

}  // namespace

std::size_t checked_product(std::size_t a, std::size_t b) {
    if (b != 0 && a > largest_object / b) {
        throw std::length_error(std::to_string(a) + " times " + std::to_string(b) +
                                " exceeds the address space");
    }
    return a * b;
}

std::size_t checked_sum(std::size_t a, std::size_t b) {
    if (a > largest_object || b > largest_object - a) {
        throw std::length_error(std::to_string(a) + " plus " + std::to_string(b) +
                                " exceeds the address space");
    }
    return a + b;
}

Layout::Layout(const std::vector<std::size_t>& layer_sizes, bool bias,
               const std::vector<Activation>& activations) {
    if (layer_sizes.size() < 2) {
        throw std::invalid_argument("expected at least two layer sizes, got " +
                                    std::to_string(layer_sizes.size()));
    }
    for (std::size_t k = 0; k < layer_sizes.size(); ++k) {
        if (layer_sizes[k] < 1) {
            throw std::invalid_argument("layer size " + std::to_string(k) + " must be at least 1");
        }
    }
    if (activations.size() + 1 != layer_sizes.size()) {
        throw std::invalid_argument("expected " + std::to_string(layer_sizes.size() - 1) +
                                    " activations, one for each layer, got " +
                                    std::to_string(activations.size()));
    }
    for (std::size_t k = 0; k + 1 < activations.size(); ++k) {
        if (activations[k] == Activation::softmax || activations[k] == Activation::exp) {
            throw std::invalid_argument("softmax and exp are for the output layer");
        }
    }
    for (std::size_t k = 1; k < layer_sizes.size(); ++k) {
        Layer layer{};
        layer.fan_in = layer_sizes[k - 1];
        layer.fan_out = layer_sizes[k];
        layer.has_bias = bias;
        layer.activation = activations[k - 1];
        layer.weights = n_parameters_;
        layer.stride = layer.fan_out;
        layer.bias = checked_sum(layer.weights, checked_product(layer.fan_in, layer.fan_out));
        n_parameters_ = checked_sum(layer.bias, bias ? layer.fan_out : 0);
        layer.end = n_parameters_;
        n_units_ = checked_sum(n_units_, layer.fan_out);
        max_width_ = std::max(max_width_, layer.fan_out);
        layers_.push_back(layer);
    }
    checked_product(n_parameters_, sizeof(double));
}

}  // namespace denseloop
