// The loss over samples that are not trained on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tile_batches.hpp"

namespace denseloop {

template <class T>
class Validation {
public:
    // For teams of at most `threads`.
    Validation(const Layout& layout, const Objective& objective, const Samples<T>& samples,
               std::size_t threads, Pacer& pacer)
        : criterion_(objective.criterion<T>()),
          tiling_(samples.X.rows, samples.X.rows),
          inputs_(samples.X, "X of eval_set", tiling_, false, 1, pacer),
          targets_(samples.y, "y of eval_set", tiling_, false, 1, pacer),
          losses_(tiling_.count()) {
        double weight = static_cast<double>(samples.X.rows);
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight of eval_set", tiling_, false, 1,
                             pacer);
            weight = 0;
            for (std::size_t i = 0; i < samples.X.rows; ++i) weight += samples.weight->at(i, 0);
        }
        factor_ = objective.loss_factor() * objective.reduction_factor(weight);
        const bool shared = update_work(layout, tiling_[0].samples) * tiling_.count() >= 1u << 20;
        for (std::size_t k = 0; k < (shared ? std::min(threads, tiling_.count()) : 1); ++k) {
            passes_.emplace_back(layout, tiling_.max_vectors());
        }
    }

    // At these parameters, flat; without the penalty.
    double loss(const T* parameters, ThreadTeam& team, Pacer& pacer) {
        if (team.size() > 1 && team.size() <= passes_.size()) {
            team.for_each(tiling_.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
                losses_[k] = loss(k, parameters, passes_[worker.index], worker.pacer);
            });
        } else {
            for (std::size_t k = 0; k < tiling_.count(); ++k) {
                losses_[k] = loss(k, parameters, passes_[0], pacer);
            }
        }
        double total = 0;
        for (const double loss : losses_) total += loss;
        return total * factor_;
    }

private:
    double loss(std::size_t k, const T* parameters, NetworkPass<T>& pass, Pacer& pacer) {
        const Tile& tile = tiling_[k];
        return static_cast<double>(pass.forward(criterion_, parameters, inputs_.tile(k, nullptr, 0),
                                                targets_.tile(k, nullptr, 0),
                                                weights_ ? weights_->tile(k, nullptr, 0) : nullptr,
                                                tile.vectors, tile.samples, {pacer, nullptr}));
    }

    Criterion<T> criterion_;
    Tiling<T> tiling_;
    SampleTiles<T> inputs_, targets_;
    std::optional<SampleTiles<T>> weights_;
    std::vector<double> losses_;  // of each tile
    std::vector<NetworkPass<T>> passes_;
    double factor_;
};

}  // namespace denseloop
