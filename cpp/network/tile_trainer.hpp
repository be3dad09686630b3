// Trains by tiles, with the samples along the lanes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
#include "network/batch_trainer.hpp"
#include "network/tile_sums.hpp"
#include "network/work_sharing.hpp"

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
          samples_(samples, tiling_, reordered, buffers(threads),
                   update_order == UpdateOrder::output_first ? 1 : buffers(threads),
                   SparseAs::rows_and_columns, pacer),
          sums_(layout, objective, samples_, update_order, threads),
          gradients_(layout.n_parameters(),
                     update_order == UpdateOrder::output_first
                         ? 1  // which adds layer by layer
                         : BlockTree::positions(0, tiling_.blocks_per_batch())) {}

    const std::vector<Layer>& layers() const override { return layout_.layers(); }
    std::size_t size() const override { return layout_.n_parameters(); }
    void from_flat(const T* flat, T* own) const override { std::copy_n(flat, size(), own); }
    void to_flat(const T* own, T* flat) const override { std::copy_n(own, size(), flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs, const Executor& executor) override {
        BlockwiseSum losses(tiles_per_block<T>);
        gradients_.begin(gradient);
        sums_.add_gradients(batch, order, parameters, outputs, executor, losses, gradients_);
        gradients_.finish(executor);
        return losses.total();
    }

    double loss(std::size_t batch, const std::int64_t* order, const T* parameters, T*,
                const Executor& executor) override {
        return loss_and_outputs(batch, order, parameters, nullptr, executor);
    }

    // The same; the predictions go to `outputs`, as from loss_and_gradient().
    double loss_and_outputs(std::size_t batch, const std::int64_t* order, const T* parameters,
                            T* outputs, const Executor& executor) {
        BlockwiseSum losses(tiles_per_block<T>);
        sums_.add_losses(batch, order, parameters, outputs, executor, losses);
        return losses.total();
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

    std::size_t buffers(std::size_t threads) const {
        return tiles_in_use(layout_, tiling_, update_order_, threads);
    }

    // Goes from the last layer to the first: computes its gradient over all tiles, updates it, and
    // propagates the deltas to the layer below through the new weights.
    double update_output_first(std::size_t batch, const std::int64_t* order,
                               const UpdateRule<T>& rule, T* gradient, const ParameterSet<T>& from,
                               const ParameterSet<T>& to, T* outputs, const Executor& executor) {
        const Executor layer_loops = sums_.layer_executor(executor);
        const std::size_t begin = tiling_.first_tile(batch);
        const std::size_t tiles = tiling_.first_tile(batch + 1) - begin;
        double loss = 0;
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            loss += sums_.forward(tile, begin + tile, order, from.parameters, outputs, layer_loops);
        }
        if (!std::isfinite(loss)) return NAN;
        for (std::size_t k = layers().size(); k-- > 0;) {
            const Layer& layer = layers()[k];
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                sums_.pass(tile).layer_gradient(k, gradient, tile > 0, layer_loops);
            }
            // The rest of the last vector belongs to the layer above and keeps its values.
            if (!this->apply(rule, {layer.weights, layer.end}, gradient, from, to, executor)) {
                return NAN;
            }
            for (std::size_t tile = 0; k > 0 && tile < tiles; ++tile) {
                sums_.pass(tile).propagate(k, to.parameters, layer_loops);
            }
        }
        return loss;
    }

    const Layout& layout_;
    const UpdateOrder update_order_;
    TiledSamples<T> samples_;
    TileSums<T> sums_;
    ArrayTree<T> gradients_;
};

}  // namespace denseloop
