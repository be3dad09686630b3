// Which of the two kinds of batches a data set is cut into, and how many threads help.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

#include "network/row_trainer.hpp"
#include "network/tile_trainer.hpp"

namespace denseloop {

// std::invalid_argument for a loss that the output layer cannot have.
inline void require_fitting_loss(const Layout& layout, const Objective& objective) {
    const Activation output = layout.layers().back().activation;
    const auto go_together = [&](Loss loss, Activation activation, bool both_ways) {
        return (objective.loss != loss || output == activation) &&
               (!both_ways || output != activation || objective.loss == loss);
    };
    if (!go_together(Loss::cross_entropy, Activation::softmax, true) ||
        !go_together(Loss::binary_cross_entropy, Activation::sigmoid, false) ||
        !go_together(Loss::poisson, Activation::exp, false)) {
        throw std::invalid_argument("the loss does not fit the output layer's activation");
    }
    for (const Layer& layer : layout.layers()) {
        if (objective.derivative_at == DerivativeAt::output &&
            layer.activation != Activation::sigmoid) {
            throw std::invalid_argument("derivatives at the output are for sigmoid layers");
        }
    }
}

template <class T>
void require_weights(const Samples<T>& samples) {
    if (!samples.weight) return;
    double total = 0;
    for (std::size_t i = 0; i < samples.X.rows; ++i) {
        const T weight = samples.weight->at(i, 0);
        if (!(weight >= 0)) throw std::invalid_argument("sample weights must be at least 0");
        total += static_cast<double>(weight);
    }
    if (!(total > 0 && std::isfinite(total))) {
        throw std::invalid_argument("the sum of sample weights must be above 0 and finite, got " +
                                    std::to_string(total));
    }
}

// Batches for a training or a single gradient, with teams of at most `threads`. reordered: every
// epoch has an order of its own.
template <class T>
std::unique_ptr<Batches<T>> make_batches(const Layout& layout, const Objective& objective,
                                         const Samples<T>& samples, std::size_t batch_size,
                                         UpdateOrder order, bool reordered, std::size_t threads,
                                         Pacer& pacer) {
    require_fitting_loss(layout, objective);
    require_weights(samples);
    const std::size_t size = std::min(batch_size, samples.X.rows);
    if (suits_rows<T>(layout, size)) {
        return std::make_unique<RowBatches<T>>(layout, objective, samples, size, order, reordered,
                                               pacer);
    }
    return std::make_unique<TileBatches<T>>(layout, objective, samples, size, order, reordered,
                                            threads, pacer);
}

// How many of so many threads are worth their start, some tens of microseconds, for `epochs` passes
// over the samples, or for one forward pass (a third).
template <class T>
std::size_t useful_threads(const Layout& layout, const Tiling<T>& tiling, UpdateOrder order,
                           std::size_t threads, double epochs) {
    const std::size_t batch = tiling.samples_in_batch(0);
    const Sharing sharing =
        suits_rows<T>(layout, batch) ? Sharing::nothing : sharing_for(layout, tiling, order);
    if (sharing == Sharing::nothing || update_work(layout, tiling.samples()) * epochs < 1u << 23) {
        return 1;
    }
    const std::size_t register_blocks = std::max(layout.max_width(), layout.n_inputs()) / 8 + 1;
    return std::min(threads, sharing == Sharing::tiles ? tiling.begin_of(1) : register_blocks);
}

}  // namespace denseloop
