// The weights of the samples, batch by batch, and the factors that follow from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/block_tree.hpp"
#include "network/objective.hpp"
#include "samples/samples.hpp"
#include "samples/tiling.hpp"

namespace denseloop {

// `order` has all samples of an epoch, or is null for 0, 1, ...
template <class T>
class BatchWeights {
public:
    // `tiling` must outlive this.
    BatchWeights(const Objective& objective, const Samples<T>& samples, const Tiling<T>& tiling)
        : objective_(objective), tiling_(tiling) {
        if (const RemoteSums<T>* const sums = samples.X.remote()) totals_ = sums->batch_weights();
        if (!samples.weight) return;
        for (std::size_t i = 0; i < samples.X.rows; ++i) {
            weights_.push_back(static_cast<double>(samples.weight->at(i, 0)));
        }
    }

    // The total weight of a batch; without weights each sample counts 1.
    double total(std::size_t batch, const std::int64_t* order) const {
        const std::size_t samples = tiling_.samples_in_batch(batch);
        if (!totals_.empty()) return totals_[batch];
        if (weights_.empty()) return static_cast<double>(samples);
        const std::size_t first = tiling_.first_sample(batch);
        BlockwiseSum sum(samples_per_block);
        for (std::size_t i = first; i < first + samples; ++i) {
            sum.add(weights_[order ? static_cast<std::size_t>(order[i]) : i]);
        }
        return sum.total();
    }

    // The factor by which the gradient of the objective exceeds the kernels' sum over the batch.
    double gradient_scale(std::size_t batch, const std::int64_t* order) const {
        return objective_.gradient_factor() * objective_.reduction_factor(total(batch, order));
    }

    // The factor of a batch's sum of losses in the sum of the epoch. A mean counts with the number
    // of its samples, whatever their weights.
    double epoch_factor(std::size_t batch, const std::int64_t* order) const {
        if ((weights_.empty() && totals_.empty()) || objective_.reduction == Reduction::sum)
            return 1;
        return static_cast<double>(tiling_.samples_in_batch(batch)) *
               objective_.reduction_factor(total(batch, order));
    }

private:
    const Objective objective_;
    const Tiling<T>& tiling_;
    std::vector<double> weights_;  // of the samples; empty without sample weights
    std::vector<double> totals_;   // of the batches, if the samples lie elsewhere
};

}  // namespace denseloop
