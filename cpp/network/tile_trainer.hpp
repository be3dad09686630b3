// Trains by tiles, with the samples along the lanes. The threads of a team share the tiles of a
// batch or the units of a layer. The bits are the same, since a tile's gradient is complete before
// it is added, and the gradients are added in the order of the tiles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "network/batch_trainer.hpp"
#include "network/tile_pass.hpp"
#include "network/work_sharing.hpp"
#include "samples/input_tiles.hpp"

namespace denseloop {

template <class T>
class TileTrainer : public BatchTrainer<T> {
public:
    // For teams of at most `threads`. reordered: every epoch has an order of its own.
    TileTrainer(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                std::size_t batch_size, UpdateOrder update_order, bool reordered,
                std::size_t threads, Pacer& pacer)
        : BatchTrainer<T>(objective, samples, batch_size),
          layout_(layout),
          update_order_(update_order),
          sharing_(sharing_for(layout, tiling_, update_order)),
          inputs_(samples.X, "X", tiling_, reordered, n_passes(threads),
                  update_order == UpdateOrder::output_first ? 1 : n_passes(threads),
                  SparseAs::rows_and_columns, pacer),
          targets_(samples.y, "y", tiling_, reordered, n_passes(threads), pacer),
          wave_(threads > 1 && sharing_ == Sharing::tiles ? wave_size() : 0),
          wave_gradients_(checked_product(wave_, layout.n_parameters())),
          wave_losses_(wave_) {
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight", tiling_, reordered,
                             n_passes(threads), pacer);
        }
        for (std::size_t k = 0; k < n_passes(threads); ++k) {
            passes_.emplace_back(layout, tiling_.max_vectors(), samples.X.sparse() != nullptr);
        }
    }

    const std::vector<Layer>& layers() const override { return layout_.layers(); }
    std::size_t size() const override { return layout_.n_parameters(); }
    void from_flat(const T* flat, T* own) const override { std::copy_n(flat, size(), own); }
    void to_flat(const T* own, T* flat) const override { std::copy_n(own, size(), flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs, const Executor& executor) override {
        const std::size_t begin = tiling_.first_tile(batch), end = tiling_.first_tile(batch + 1);
        double total = 0;
        if (sharing_ == Sharing::tiles && executor.threads() > 1) {
            for (std::size_t first = begin; first < end; first += wave_) {
                wave(begin, first, std::min(end, first + wave_), order, parameters, gradient,
                     outputs, executor, total);
            }
            return total;
        }
        const Executor layer_loops = layer_executor(executor);
        for (std::size_t tile = begin; tile < end; ++tile) {
            total += forward(0, tile, order, parameters, outputs, layer_loops);
            passes_[0].backward(parameters, gradient, tile > begin, layer_loops);
        }
        return total;
    }

    double loss(std::size_t batch, const std::int64_t* order, const T* parameters, T*,
                const Executor& executor) override {
        return loss_and_outputs(batch, order, parameters, nullptr, executor);
    }

    // The same; the predictions go to `outputs`, as from loss_and_gradient().
    double loss_and_outputs(std::size_t batch, const std::int64_t* order, const T* parameters,
                            T* outputs, const Executor& executor) {
        const std::size_t begin = tiling_.first_tile(batch), end = tiling_.first_tile(batch + 1);
        double total = 0;
        if (sharing_ == Sharing::tiles && executor.threads() > 1) {
            for (std::size_t first = begin; first < end; first += wave_) {
                const std::size_t tiles = std::min(wave_, end - first);
                executor.team->for_each(tiles, [&](std::size_t item, ThreadTeam::Worker& worker) {
                    wave_losses_[item] = forward(worker.index, first + item, order, parameters,
                                                 outputs, Executor{worker.pacer});
                });
                for (std::size_t item = 0; item < tiles; ++item) total += wave_losses_[item];
            }
            return total;
        }
        const Executor layer_loops = layer_executor(executor);
        for (std::size_t tile = begin; tile < end; ++tile) {
            total += forward(0, tile, order, parameters, outputs, layer_loops);
        }
        return total;
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const ParameterSet<T>& from, const ParameterSet<T>& to, T* outputs,
                  const Executor& executor) override {
        if (update_order_ == UpdateOrder::output_first) {
            return update_output_first(batch, order, rule, gradient, from, to, outputs, executor);
        }
        const double loss =
            loss_and_gradient(batch, order, from.parameters, gradient, outputs, executor);
        return this->finish_update(loss, rule, gradient, from, to, executor);
    }

private:
    using BatchTrainer<T>::tiling_;

    // How many passes are in use at a time.
    std::size_t n_passes(std::size_t threads) const {
        if (update_order_ == UpdateOrder::output_first) return tiling_.tiles_per_batch();
        return sharing_ == Sharing::tiles ? std::min(threads, tiling_.tiles_per_batch()) : 1;
    }

    // The executor of a layer's loops: the team only if it shares units.
    Executor layer_executor(const Executor& executor) const {
        return sharing_ == Sharing::units ? executor : executor.alone();
    }

    // Computes tile k up to its loss and the output's delta. The activations and deltas stay in
    // the pass until its next tile.
    double forward(std::size_t pass, std::size_t k, const std::int64_t* order, const T* parameters,
                   T* outputs, const Executor& executor) {
        const Tile& tile = tiling_[k];
        const T* const weights = weights_ ? weights_->tile(k, order, pass, executor) : nullptr;
        const T loss = passes_[pass].forward(this->objective_.template criterion<T>(), parameters,
                                             inputs_.tile(k, order, pass, executor),
                                             targets_.tile(k, order, pass, executor), weights,
                                             tile.samples, executor);
        this->record(passes_[pass].output(), tile.vectors, tile.first, tile.samples, order,
                     outputs);
        return static_cast<double>(loss);
    }

    // How many gradients are kept before they are added.
    std::size_t wave_size() const {
        const std::size_t fitting = cost::wave_elements / layout_.n_parameters();
        return std::min(tiling_.tiles_per_batch(),
                        std::clamp(fitting, cost::smallest_wave, cost::largest_wave));
    }

    // Computes tiles [first, end) of a batch whose first tile is `begin`, each on one thread. Their
    // losses are added to `total` one by one, as a single thread adds them.
    void wave(std::size_t begin, std::size_t first, std::size_t end, const std::int64_t* order,
              const T* parameters, T* gradient, T* outputs, const Executor& executor,
              double& total) {
        const std::size_t n = layout_.n_parameters(), tiles = end - first;
        executor.team->for_each(tiles, [&](std::size_t item, ThreadTeam::Worker& worker) {
            const Executor alone{worker.pacer};
            wave_losses_[item] =
                forward(worker.index, first + item, order, parameters, outputs, alone);
            passes_[worker.index].backward(parameters, wave_gradients_.data() + item * n, false,
                                           alone);
        });
        executor.parallel_chunks({0, n}, [&](Range chunk) {
            for (std::size_t item = 0; item < tiles; ++item) {
                const T* const summand = wave_gradients_.data() + item * n;
                if (first + item == begin) {
                    std::copy(summand + chunk.begin, summand + chunk.end, gradient + chunk.begin);
                } else {
                    for (std::size_t k = chunk.begin; k < chunk.end; ++k) gradient[k] += summand[k];
                }
            }
        });
        for (std::size_t item = 0; item < tiles; ++item) total += wave_losses_[item];
    }

    // Goes from the last layer to the first: computes its gradient over all tiles, updates it, and
    // propagates the deltas to the layer below through the new weights.
    double update_output_first(std::size_t batch, const std::int64_t* order,
                               const UpdateRule<T>& rule, T* gradient, const ParameterSet<T>& from,
                               const ParameterSet<T>& to, T* outputs, const Executor& executor) {
        const Executor layer_loops = layer_executor(executor);
        const std::size_t begin = tiling_.first_tile(batch);
        const std::size_t tiles = tiling_.first_tile(batch + 1) - begin;
        double loss = 0;
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            loss += forward(tile, begin + tile, order, from.parameters, outputs, layer_loops);
        }
        if (!std::isfinite(loss)) return NAN;
        for (std::size_t k = layers().size(); k-- > 0;) {
            const Layer& layer = layers()[k];
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                passes_[tile].layer_gradient(k, gradient, tile > 0, layer_loops);
            }
            // The rest of the last vector belongs to the layer above and keeps its values.
            if (!this->apply(rule, {layer.weights, layer.end}, gradient, from, to, executor)) {
                return NAN;
            }
            for (std::size_t tile = 0; k > 0 && tile < tiles; ++tile) {
                passes_[tile].propagate(k, to.parameters, layer_loops);
            }
        }
        return loss;
    }

    const Layout& layout_;
    UpdateOrder update_order_;
    Sharing sharing_;
    InputTiles<T> inputs_;
    SampleTiles<T> targets_;
    std::optional<SampleTiles<T>> weights_;
    std::size_t wave_;
    AlignedBuffer<T> wave_gradients_;  // (wave, n_parameters)
    std::vector<double> wave_losses_;  // (wave)
    std::vector<TilePass<T>> passes_;
};

}  // namespace denseloop
