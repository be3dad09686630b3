// Trains by tiles, with the samples along the lanes. The threads of a team share the tiles or the
// blocks of a batch, or the units of a layer. The bits are the same, since a tile's gradient is
// complete before it is added, and the gradients are added as Tiling says: those of a block in the
// order of its tiles, and the blocks by their tree.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
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
          tiles_per_item_(tiling_.blocks_per_batch() >= cost::blocks_per_thread * threads
                              ? tiles_per_block<T>
                              : 1),
          wave_(threads > 1 && sharing_ == Sharing::tiles ? wave_size() : 0),
          wave_gradients_(checked_product(wave_, layout.n_parameters())),
          wave_losses_(checked_product(wave_, tiles_per_item_)),
          gradients_(layout.n_parameters(),
                     update_order == UpdateOrder::output_first
                         ? 1
                         : BlockTree::positions(0, tiling_.blocks_per_batch())) {
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
        BlockwiseSum losses(tiles_per_block<T>);
        gradients_.begin(gradient);
        add_gradients(batch, order, parameters, outputs, executor, losses, gradients_);
        gradients_.finish(executor);
        return losses.total();
    }

    // Adds the losses and the gradients of a batch's tiles. The predictions go to `outputs` as from
    // loss_and_gradient().
    void add_gradients(std::size_t batch, const std::int64_t* order, const T* parameters,
                       T* outputs, const Executor& executor, BlockwiseSum& losses,
                       ArrayTree<T>& gradients) {
        const std::size_t begin = tiling_.first_tile(batch), end = tiling_.first_tile(batch + 1);
        if (sharing_ == Sharing::tiles && executor.threads() > 1) {
            const std::size_t items = (end - begin - 1) / tiles_per_item_ + 1;
            for (std::size_t first = 0; first < items; first += wave_) {
                wave(batch, {first, std::min(items, first + wave_)}, order, parameters, outputs,
                     executor, losses, gradients);
            }
            return;
        }
        const Executor layer_loops = layer_executor(executor);
        for (std::size_t first = begin; first < end; first += tiles_per_block<T>) {
            for (std::size_t tile = first; tile < std::min(end, first + tiles_per_block<T>);
                 ++tile) {
                losses.add(forward(0, tile, order, parameters, outputs, layer_loops));
                passes_[0].backward(parameters, gradients.next(), tile > first, layer_loops);
            }
            gradients.finish_block(layer_loops);
        }
    }

    double loss(std::size_t batch, const std::int64_t* order, const T* parameters, T*,
                const Executor& executor) override {
        return loss_and_outputs(batch, order, parameters, nullptr, executor);
    }

    // The same; the predictions go to `outputs`, as from loss_and_gradient().
    double loss_and_outputs(std::size_t batch, const std::int64_t* order, const T* parameters,
                            T* outputs, const Executor& executor) {
        BlockwiseSum losses(tiles_per_block<T>);
        add_losses(batch, order, parameters, outputs, executor, losses);
        return losses.total();
    }

    // Adds the losses of a batch's tiles.
    void add_losses(std::size_t batch, const std::int64_t* order, const T* parameters, T* outputs,
                    const Executor& executor, BlockwiseSum& losses) {
        const std::size_t begin = tiling_.first_tile(batch), end = tiling_.first_tile(batch + 1);
        if (sharing_ == Sharing::tiles && executor.threads() > 1) {
            const std::size_t at_once = wave_losses_.size();
            for (std::size_t first = begin; first < end; first += at_once) {
                const std::size_t tiles = std::min(at_once, end - first);
                executor.team->for_each(tiles, [&](std::size_t item, ThreadTeam::Worker& worker) {
                    wave_losses_[item] = forward(worker.index, first + item, order, parameters,
                                                 outputs, Executor{worker.pacer});
                });
                for (std::size_t item = 0; item < tiles; ++item) losses.add(wave_losses_[item]);
            }
            return;
        }
        const Executor layer_loops = layer_executor(executor);
        for (std::size_t tile = begin; tile < end; ++tile) {
            losses.add(forward(0, tile, order, parameters, outputs, layer_loops));
        }
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
        const Tile tile = tiling_[k];
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
        return std::min((tiling_.tiles_per_batch() - 1) / tiles_per_item_ + 1,
                        std::clamp(fitting, cost::smallest_wave, cost::largest_wave));
    }

    // Computes some items of a batch, each on one thread: tiles, or blocks of them. The sums are
    // added as a single thread adds them.
    void wave(std::size_t batch, Range items, const std::int64_t* order, const T* parameters,
              T* outputs, const Executor& executor, BlockwiseSum& losses,
              ArrayTree<T>& gradients) {
        const std::size_t n = layout_.n_parameters(), count = items.end - items.begin;
        const std::size_t begin = tiling_.first_tile(batch), end = tiling_.first_tile(batch + 1);
        const std::size_t first = begin + items.begin * tiles_per_item_;
        executor.team->for_each(count, [&](std::size_t item, ThreadTeam::Worker& worker) {
            const Executor alone{worker.pacer};
            const std::size_t from = first + item * tiles_per_item_;
            for (std::size_t tile = from; tile < std::min(end, from + tiles_per_item_); ++tile) {
                wave_losses_[tile - first] =
                    forward(worker.index, tile, order, parameters, outputs, alone);
                passes_[worker.index].backward(parameters, wave_gradients_.data() + item * n,
                                               tile > from, alone);
            }
        });
        const auto ends_block = [&](std::size_t item) {
            const std::size_t next = first + (item + 1) * tiles_per_item_;
            return next >= end || (next - begin) % tiles_per_block<T> == 0;
        };
        gradients.add_parts(wave_gradients_.data(), count, ends_block, executor);
        const std::size_t last = std::min(end, begin + items.end * tiles_per_item_);
        for (std::size_t tile = first; tile < last; ++tile) losses.add(wave_losses_[tile - first]);
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
    std::size_t tiles_per_item_;  // which a thread takes at a time
    std::size_t wave_;            // items
    AlignedBuffer<T> wave_gradients_;  // (wave, n_parameters)
    std::vector<double> wave_losses_;  // (wave, tiles_per_item)
    ArrayTree<T> gradients_;
    std::vector<TilePass<T>> passes_;
};

}  // namespace denseloop
