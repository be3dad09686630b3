// Layer sizes -> offsets into ONE flat parameter buffer.
//
// The buffer holds layer after layer, each as its weights (fan_in, fan_out) in row-major order
// followed by its bias (fan_out) if the network has biases.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/kernel_table.hpp"

namespace denseloop {

class Layout {
public:
    // layer_sizes: inputs, hidden widths, outputs; at least two, each at least 1.
    // activations: of all layers but the input. Throws std::invalid_argument for a size below 1,
    // fewer than two sizes, and activations that do not fit, and std::length_error where the
    // parameters or the activations would not be addressable.
    Layout(const std::vector<std::size_t>& layer_sizes, bool bias,
           const std::vector<Activation>& activations);

    const std::vector<Layer>& layers() const { return layers_; }
    std::size_t n_inputs() const { return layers_.front().fan_in; }
    std::size_t n_outputs() const { return layers_.back().fan_out; }
    std::size_t n_parameters() const { return n_parameters_; }
    std::size_t n_units() const { return n_units_; }      // all layers but the input
    std::size_t max_width() const { return max_width_; }  // of all layers but the input

private:
    std::vector<Layer> layers_;
    std::size_t n_parameters_ = 0;
    std::size_t n_units_ = 0;
    std::size_t max_width_ = 0;
};

// a * b and a + b, or std::length_error where the result is more bytes than an object can have.
std::size_t checked_product(std::size_t a, std::size_t b);
std::size_t checked_sum(std::size_t a, std::size_t b);

}  // namespace denseloop
