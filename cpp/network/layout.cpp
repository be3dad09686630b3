#include "network/layout.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "base/checked_size.hpp"

namespace denseloop {
Layout::Layout(const std::vector<std::size_t>& layer_sizes, bool bias,
               const std::vector<ActivationFunction>& activations) {
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
    for (std::size_t k = 0; k < activations.size(); ++k) {
        const ActivationTraits& row = traits(activations[k].member);
        if (row.output_only && k + 1 < activations.size()) {
            throw std::invalid_argument(std::string(row.name) + " is for the output layer only");
        }
        if (!(activations[k].parameter >= 0 && std::isfinite(activations[k].parameter))) {
            throw std::invalid_argument("the parameter of " + std::string(row.name) +
                                        " must be at least 0 and finite, got " +
                                        std::to_string(activations[k].parameter));
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
        if (traits(layer.activation.member).derivative_needs_z) n_units_with_z_ += layer.fan_out;
        max_width_ = std::max(max_width_, layer.fan_out);
        layers_.push_back(layer);
    }
    checked_product(n_parameters_, sizeof(double));
}

}  // namespace denseloop
