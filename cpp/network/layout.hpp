// Layer sizes -> offsets into one flat parameter buffer.
//
// The buffer holds layer after layer, each as its weights (fan_in, fan_out) in row-major order
// followed by its bias (fan_out) if the network has biases.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/types.hpp"

namespace denseloop {

class Layout {
public:
    // layer_sizes: inputs, hidden widths, outputs; at least two, each at least 1.
    // activations: one for each layer but the input. Throws std::invalid_argument for a size below
    // 1, fewer than two sizes, and activations that do not fit, and std::length_error if the
    // parameters or the activations would not be addressable.
    Layout(const std::vector<std::size_t>& layer_sizes, bool bias,
           const std::vector<ActivationFunction>& activations);

    const std::vector<Layer>& layers() const { return layers_; }
    std::size_t n_inputs() const { return layers_.front().fan_in; }
    std::size_t n_outputs() const { return layers_.back().fan_out; }
    std::size_t n_parameters() const { return n_parameters_; }
    std::size_t n_units() const { return n_units_; }  // without the inputs
    // Units whose pre-activations are kept for the backward pass.
    std::size_t n_units_with_z() const { return n_units_with_z_; }
    std::size_t max_width() const { return max_width_; }  // without the inputs

private:
    std::vector<Layer> layers_;
    std::size_t n_parameters_ = 0;
    std::size_t n_units_ = 0;
    std::size_t n_units_with_z_ = 0;
    std::size_t max_width_ = 0;
};

}  // namespace denseloop
