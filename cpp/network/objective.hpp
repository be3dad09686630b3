// The objective: what a training minimizes.
#pragma once

#include <stdexcept>
#include <string>

#include "kernels/types.hpp"
#include "network/layout.hpp"

namespace denseloop {

enum class Reduction { sum, mean };  // over the samples of a batch

// The order in which an update changes the layers. simultaneous: all from one set of weights.
// output_first: each layer is updated before the delta of the layer below is computed, which then
// sees the new weights.
enum class UpdateOrder { simultaneous, output_first };

// The weighted losses of a batch plus l2 / 2 times its sum of squared weights (not biases).
// Reduction::mean divides by the sum of the samples' weights in the batch.
struct Objective {
    Loss loss;
    double parameter;    // of the loss, if it has one
    double value_scale;  // factor of the samples' losses in the value, but not in the derivative
    Reduction reduction;
    DerivativeAt derivative_at;
    double l2;

    template <class T>
    Criterion<T> criterion() const {
        return {loss, static_cast<T>(parameter), derivative_at};
    }
    // The factors that the kernels leave out, without that of the reduction.
    double value_factor() const { return value_scale * traits(loss).value_factor; }
    double gradient_factor() const { return traits(loss).gradient_factor; }
    // The factor of the reduction for samples of this total weight; a batch without weight does
    // nothing.
    double reduction_factor(double weight) const {
        if (reduction == Reduction::sum) return 1.0;
        return weight > 0 ? 1 / weight : 0.0;
    }
};

// Throws std::invalid_argument if the loss does not fit the activations.
inline void require_fitting_loss(const Layout& layout, const Objective& objective) {
    const LossTraits& loss = traits(objective.loss);
    const Activation output = layout.layers().back().activation.member;
    const bool fits = loss.has_required_output
                          ? output == loss.required_output
                          : loss.fits_coupled_outputs || !traits(output).couples_outputs;
    if (!fits) {
        throw std::invalid_argument(std::string("loss ") + loss.name +
                                    " does not fit the output activation " + traits(output).name);
    }
    for (const Layer& layer : layout.layers()) {
        if (objective.derivative_at == DerivativeAt::output &&
            layer.activation.member != Activation::sigmoid) {
            throw std::invalid_argument(
                std::string("derivatives at the output need sigmoid layers, got ") +
                traits(layer.activation.member).name);
        }
    }
}

}  // namespace denseloop
