// Chooses and makes the BatchTrainer of a data set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "network/caller_loss_trainer.hpp"
#include "network/remote_trainer.hpp"
#include "network/row_trainer.hpp"
#include "network/tile_trainer.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {

// For teams of at most `threads`. reordered: every epoch has an order of its own. Throws
// std::invalid_argument if the loss or the sample weights cannot be used.
template <class T>
std::unique_ptr<BatchTrainer<T>> make_batch_trainer(
    const Layout& layout, const Objective& objective, const Samples<T>& samples,
    std::size_t batch_size, UpdateOrder order, bool reordered, std::size_t threads, Pacer& pacer) {
    require_fitting_loss(layout, objective);
    require_weights(samples);
    const std::size_t size = std::min(batch_size, samples.X.rows);
    if (samples.X.remote() != nullptr) {
        if (reordered || order != UpdateOrder::simultaneous || suits_rows<T>(layout, size)) {
            throw std::invalid_argument(
                "samples elsewhere keep their order, update all layers at once, and come in "
                "batches too large for the kernels of few samples");
        }
        require_totals(samples.X, Tiling<T>(samples.X.rows, size).batches());
        return std::make_unique<RemoteTrainer<T>>(layout, objective, samples, size);
    }
    if (samples.loss != nullptr) {
        if (samples.weight || order != UpdateOrder::simultaneous) {
            throw std::invalid_argument(
                "a loss of the caller's takes no sample weights, and updates all layers at once");
        }
        return std::make_unique<CallerLossTrainer<T>>(layout, objective, samples, size, threads,
                                                      pacer);
    }
    if (suits_rows<T>(layout, size)) {
        return std::make_unique<RowTrainer<T>>(layout, objective, samples, size, order, reordered,
                                               pacer);
    }
    return std::make_unique<TileTrainer<T>>(layout, objective, samples, size, order, reordered,
                                            threads, pacer);
}

}  // namespace denseloop
