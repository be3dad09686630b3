// The loss over the validation set, by tiles, by the caller, or where the set lies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/block_tree.hpp"
#include "network/caller_loss_trainer.hpp"
#include "network/remote_trainer.hpp"
#include "network/tile_pass.hpp"
#include "network/work_sharing.hpp"
#include "samples/input_tiles.hpp"

namespace denseloop {

template <class T>
class Validation {
public:
    virtual ~Validation() = default;
    // Returns the loss at flat parameters, without the penalty.
    virtual double loss(const T* parameters, const Executor& executor) = 0;
};

template <class T>
class TileValidation : public Validation<T> {
public:
    // Serves teams of at most `threads`.
    TileValidation(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                   std::size_t threads, Pacer& pacer)
        : criterion_(objective.criterion<T>()),
          tiling_(samples.X.rows, samples.X.rows),
          n_passes_(update_work(layout, tiling_[0].samples) *
                                static_cast<double>(tiling_.count()) >=
                            cost::validation_hand_over
                        ? std::min(threads, tiling_.count())
                        : 1),
          inputs_(samples.X, "X of eval_set", tiling_, false, n_passes_, n_passes_, SparseAs::rows,
                  pacer),
          targets_(samples.y, "y of eval_set", tiling_, false, n_passes_, pacer),
          losses_(tiling_.count()) {
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight of eval_set", tiling_, false,
                             n_passes_, pacer);
        }
        factor_ = objective.value_factor() * objective.reduction_factor(samples.total_weight());
        for (std::size_t k = 0; k < n_passes_; ++k) {
            passes_.emplace_back(layout, tiling_.max_vectors(), samples.X.sparse() != nullptr);
        }
    }

    double loss(const T* parameters, const Executor& executor) override {
        if (executor.threads() > 1 && executor.threads() <= passes_.size()) {
            executor.team->for_each(
                tiling_.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
                    losses_[k] = loss(k, parameters, worker.index, worker.pacer);
                });
        } else {
            for (std::size_t k = 0; k < tiling_.count(); ++k) {
                losses_[k] = loss(k, parameters, 0, executor.pacer);
            }
        }
        BlockwiseSum sum(tiles_per_block<T>);
        for (const double loss : losses_) sum.add(loss);
        return sum.total() * factor_;
    }

private:
    double loss(std::size_t k, const T* parameters, std::size_t pass, Pacer& pacer) {
        const Tile tile = tiling_[k];
        const Executor alone{pacer};
        return static_cast<double>(passes_[pass].forward(
            criterion_, parameters, inputs_.tile(k, nullptr, pass, alone),
            targets_.tile(k, nullptr, pass, alone),
            weights_ ? weights_->tile(k, nullptr, pass, alone) : nullptr, tile.samples, alone));
    }

    Criterion<T> criterion_;
    Tiling<T> tiling_;
    std::size_t n_passes_;  // tiles in use at a time
    InputTiles<T> inputs_;
    SampleTiles<T> targets_;
    std::optional<SampleTiles<T>> weights_;
    std::vector<double> losses_;  // per tile
    std::vector<TilePass<T>> passes_;
    double factor_;
};

template <class T>
class CallerLossValidation : public Validation<T> {
public:
    CallerLossValidation(const Layout& layout, const Objective& objective,
                         const Samples<T>& samples, std::size_t threads, Pacer& pacer)
        : trainer_(layout, objective, samples, samples.X.rows, threads, pacer) {}

    double loss(const T* parameters, const Executor& executor) override {
        return trainer_.loss(0, nullptr, parameters, nullptr, executor);
    }

private:
    CallerLossTrainer<T> trainer_;
};

template <class T>
class RemoteValidation : public Validation<T> {
public:
    RemoteValidation(const Layout& layout, const Objective& objective, const Samples<T>& samples)
        : trainer_(layout, objective, samples, samples.X.rows),
          factor_(objective.value_factor() * objective.reduction_factor(samples.total_weight())) {}

    double loss(const T* parameters, const Executor& executor) override {
        return trainer_.loss(0, nullptr, parameters, nullptr, executor) * factor_;
    }

private:
    RemoteTrainer<T> trainer_;
    double factor_;
};

template <class T>
std::unique_ptr<Validation<T>> make_validation(const Layout& layout, const Objective& objective,
                                               const Samples<T>& samples, std::size_t threads,
                                               Pacer& pacer) {
    require_weights(samples);
    if (samples.X.remote() != nullptr) {
        require_totals(samples.X, 1);
        return std::make_unique<RemoteValidation<T>>(layout, objective, samples);
    }
    if (samples.loss != nullptr) {
        return std::make_unique<CallerLossValidation<T>>(layout, objective, samples, threads,
                                                         pacer);
    }
    return std::make_unique<TileValidation<T>>(layout, objective, samples, threads, pacer);
}

}  // namespace denseloop
