// Sums over the samples of a batch, tile by tile, with the samples along the lanes. The threads of
// a team share the tiles or the blocks of the batch, or the units of a layer. The bits are the
// same, since a tile's gradient is complete before it is added, and the gradients are added as
// Tiling says: those of a block in the order of its tiles, and the blocks by their tree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
#include "network/objective.hpp"
#include "network/tile_pass.hpp"
#include "network/work_sharing.hpp"
#include "samples/tiled_samples.hpp"

namespace denseloop {

template <class T>
class TileSums {
public:
    // For teams of at most `threads`. The layout and the samples must outlive this.
    TileSums(const Layout& layout, const Objective& objective, TiledSamples<T>& samples,
             UpdateOrder order, std::size_t threads)
        : layout_(layout),
          criterion_(objective.criterion<T>()),
          tiling_(samples.tiling),
          sharing_(sharing_for(layout, tiling_, order)),
          samples_(samples),
          tiles_per_item_(tiling_.blocks_per_batch() >= cost::blocks_per_thread * threads
                              ? tiles_per_block<T>
                              : 1),
          wave_(threads > 1 && sharing_ == Sharing::tiles ? wave_size() : 0),
          wave_gradients_(checked_product(wave_, layout.n_parameters())),
          wave_losses_(checked_product(wave_, tiles_per_item_)) {
        for (std::size_t k = 0; k < tiles_in_use(layout, tiling_, order, threads); ++k) {
            passes_.emplace_back(layout, tiling_.max_vectors(), samples.sparse);
        }
    }

    // `order` has all samples of the epoch, or is null for 0, 1, ... The predictions go to
    // `outputs` (n_samples, n_outputs) unless that is null.

    // Adds the losses and the gradients of a batch's tiles.
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

    // Computes tile k up to its loss and the output's delta. The activations and deltas stay in
    // the pass until its next tile.
    double forward(std::size_t pass, std::size_t k, const std::int64_t* order, const T* parameters,
                   T* outputs, const Executor& executor) {
        const Tile tile = tiling_[k];
        const T* const weights =
            samples_.weights ? samples_.weights->tile(k, order, pass, executor) : nullptr;
        const T loss = passes_[pass].forward(
            criterion_, parameters, samples_.inputs.tile(k, order, pass, executor),
            samples_.targets.tile(k, order, pass, executor), weights, tile.samples, executor);
        if (outputs != nullptr) {
            unpack_tile(passes_[pass].output(), layout_.n_outputs(), tile.vectors, tile.first,
                        tile.samples, order, outputs);
        }
        return static_cast<double>(loss);
    }

    // The executor of a layer's loops: the team only if it shares units.
    Executor layer_executor(const Executor& executor) const {
        return sharing_ == Sharing::units ? executor : executor.alone();
    }

    TilePass<T>& pass(std::size_t k) { return passes_[k]; }

private:
    // How many gradients are kept before they are added.
    std::size_t wave_size() const {
        const std::size_t fitting = cost::wave_elements / layout_.n_parameters();
        return std::min((tiling_.tiles_per_batch() - 1) / tiles_per_item_ + 1,
                        std::clamp(fitting, cost::smallest_wave, cost::largest_wave));
    }

    // Computes some items of a batch, each on one thread: tiles, or blocks of them. The sums are
    // added as a single thread adds them.
    void wave(std::size_t batch, Range items, const std::int64_t* order, const T* parameters,
              T* outputs, const Executor& executor, BlockwiseSum& losses, ArrayTree<T>& gradients) {
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

    const Layout& layout_;
    const Criterion<T> criterion_;
    const Tiling<T>& tiling_;
    const Sharing sharing_;
    TiledSamples<T>& samples_;
    std::size_t tiles_per_item_;       // which a thread takes at a time
    std::size_t wave_;                 // items
    AlignedBuffer<T> wave_gradients_;  // (wave, n_parameters)
    std::vector<double> wave_losses_;  // (wave, tiles_per_item)
    std::vector<TilePass<T>> passes_;
};

}  // namespace denseloop
