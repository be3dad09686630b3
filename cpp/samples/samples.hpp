// The caller's samples.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/block_tree.hpp"
#include "samples/caller_loss.hpp"
#include "samples/inputs.hpp"
#include "samples/tiling.hpp"

namespace denseloop {

// X (n_samples, n_inputs), y (n_samples, n_outputs), weight (n_samples, 1). A loss of the caller's
// takes the place of y, which is then not used.
template <class T>
struct Samples {
    Inputs<T> X;
    MatrixView<T> y;
    std::optional<MatrixView<T>> weight;
    CallerLoss<T>* loss = nullptr;

    // The sum of the samples' weights; without weights each counts 1. Samples elsewhere must be one
    // batch.
    double total_weight() const {
        if (const RemoteSums<T>* const sums = X.remote(); sums && !sums->batch_weights().empty()) {
            return sums->batch_weights()[0];
        }
        if (!weight) return static_cast<double>(X.rows);
        BlockwiseSum sum(samples_per_block);
        for (std::size_t i = 0; i < X.rows; ++i) sum.add(static_cast<double>(weight->at(i, 0)));
        return sum.total();
    }
};

// Refuses sums over samples elsewhere that have not a total weight for each batch, or none.
template <class T>
void require_totals(const Inputs<T>& X, std::size_t batches) {
    const RemoteSums<T>* const sums = X.remote();
    if (sums == nullptr || sums->batch_weights().empty()) return;
    if (sums->batch_weights().size() != batches) {
        throw std::invalid_argument("sums over " + std::to_string(batches) +
                                    " batches must have a weight for each, got " +
                                    std::to_string(sums->batch_weights().size()));
    }
}

// Refuses weights that are negative or whose sum is not positive and finite.
template <class T>
void require_weights(const Samples<T>& samples) {
    if (!samples.weight) return;
    for (std::size_t i = 0; i < samples.X.rows; ++i) {
        const T weight = samples.weight->at(i, 0);
        if (!(weight >= 0)) {
            throw std::invalid_argument("sample weights must be at least 0, got " +
                                        std::to_string(weight) + " for sample " +
                                        std::to_string(i));
        }
    }
    const double total = samples.total_weight();
    if (!(total > 0 && std::isfinite(total))) {
        throw std::invalid_argument("the sum of sample weights must be above 0 and finite, got " +
                                    std::to_string(total));
    }
}

}  // namespace denseloop
