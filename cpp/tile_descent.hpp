// Training by tiles.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>

#include "aligned_buffer.hpp"
#include "descent.hpp"
#include "dispatch.hpp"
#include "tile_batches.hpp"

namespace denseloop {

template <class T>
class TileDescent : public Descent<T> {
public:
    TileDescent(const Layout& layout, const TrainingPlan& plan, T* parameters,
                const MatrixView<T>& X, const MatrixView<T>& y, T* outputs, Sharing sharing,
                ThreadTeam& team, Pacer& pacer)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          plan_(plan),
          output_first_(plan.update_order == UpdateOrder::output_first),
          parameters_(parameters),
          outputs_(outputs),
          batches_(layout, plan.objective, Tiling<T>(X.rows, plan.batch_size), X, y, sharing,
                   !output_first_, team, pacer),
          gradient_(layout.n_parameters()) {}

    bool epoch(double& loss) override {
        loss = 0;
        for (std::size_t batch = 0; batch < batches_.tiling().batches(); ++batch) {
            updated_from_ = layout_.n_parameters();
            try {
                const double batch_loss = update(batch);
                if (!std::isfinite(batch_loss)) {
                    undo_updates();
                    return false;
                }
                loss += batch_loss;
            } catch (...) {
                undo_updates();
                throw;
            }
        }
        if (outputs_ != nullptr) outputs_ += batches_.tiling().samples() * layout_.n_outputs();
        return true;
    }

    void finish() override {}  // the caller's parameters are those that are updated

private:
    // Returns the sum of the losses, or NaN if a new parameter is not finite.
    double update(std::size_t batch) {
        const double scale =
            gradient_scale(plan_.objective, batches_.tiling().samples_in_batch(batch));
        const T step = static_cast<T>(plan_.learning_rate * scale);
        if (output_first_) return update_output_first(batch, step);
        const double loss =
            batches_.loss_and_gradient(batch, parameters_, gradient_.data(), outputs_);
        if (!std::isfinite(loss)) return loss;
        return descend(0, layout_.n_parameters(), step) ? loss : NAN;
    }

    // From the last layer to the first: its gradient over all tiles, its update, and the deltas of
    // the layer below, which so see the new weights.
    double update_output_first(std::size_t batch, T step) {
        const std::size_t begin = batches_.tiling().begin_of(batch);
        const std::size_t tiles = batches_.tiling().begin_of(batch + 1) - begin;
        const Crew crew = batches_.crew();
        double loss = 0;
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            loss +=
                batches_.forward(batches_.pass(tile), begin + tile, parameters_, outputs_, crew);
        }
        if (!std::isfinite(loss)) return loss;
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            const Layer& layer = layout_.layers()[k];
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                batches_.pass(tile).layer_gradient(k, gradient_.data(), tile > 0, crew);
            }
            if (!descend(layer.weights, layer.end, step)) return NAN;
            for (std::size_t tile = 0; k > 0 && tile < tiles; ++tile) {
                batches_.pass(tile).propagate(k, parameters_, crew);
            }
        }
        return loss;
    }

    // Updates the parameters [first, last). Whether they are finite.
    bool descend(std::size_t first, std::size_t last, T step) {
        updated_from_ = first;
        std::atomic<bool> finite{true};
        batches_.in_chunks(first, last, [&](std::size_t from, std::size_t to) {
            if (!kernels_.descend(parameters_ + from, gradient_.data() + from, to - from, step)) {
                finite = false;
            }
        });
        return finite;
    }

    // descend has left the old parameters in the gradient's place.
    void undo_updates() {
        std::copy(gradient_.data() + updated_from_, gradient_.data() + layout_.n_parameters(),
                  parameters_ + updated_from_);
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    const TrainingPlan& plan_;
    bool output_first_;
    T* parameters_;
    T* outputs_;  // (n_samples, n_outputs) of this epoch, or null
    TileBatches<T> batches_;
    AlignedBuffer<T> gradient_;
    std::size_t updated_from_ = 0;  // in this batch, all parameters from here on
};

}  // namespace denseloop
