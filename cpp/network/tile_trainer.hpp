// Batches by tiles, with the samples along the lanes: by one thread, or by several that share the
// tiles of a batch or the units of a layer. The bits are the same: a tile's gradient is whole
// before it is added, and they are added in the order of the tiles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "network/batch_trainer.hpp"
#include "network/tile_pass.hpp"
#include "samples/sample_tiles.hpp"

namespace denseloop {

// What the threads of a team share.
enum class Sharing { nothing, tiles, units };

// Multiply-adds of an update from so many samples, a sigmoid taken as 20 of them.
inline double update_work(const Layout& layout, std::size_t samples) {
    return static_cast<double>(samples) * (3 * static_cast<double>(layout.n_parameters()) +
                                           20 * static_cast<double>(layout.n_units()));
}

// What gains for batches of this size; tiles only where all layers are updated at once.
template <class T>
Sharing sharing_for(const Layout& layout, const Tiling<T>& tiling, UpdateOrder order) {
    const std::size_t batch = tiling.samples_in_batch(0);
    if (update_work(layout, batch) < 1u << 19) return Sharing::nothing;
    const double tile = update_work(layout, tiling[0].samples);
    // A layer is then worth some hand-overs, and gradients of every tile would take much memory.
    if (tile >= 1u << 23) return Sharing::units;
    return order == UpdateOrder::simultaneous && tiling.begin_of(1) > 1 ? Sharing::tiles
                                                                        : Sharing::nothing;
}

template <class T>
class TileBatches : public Batches<T> {
public:
    // For teams of at most `threads`. reordered: every epoch has an order of its own.
    TileBatches(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                std::size_t batch_size, UpdateOrder update_order, bool reordered,
                std::size_t threads, Pacer& pacer)
        : Batches<T>(objective, samples, batch_size),
          layout_(layout),
          update_order_(update_order),
          sharing_(sharing_for(layout, tiling_, update_order)),
          inputs_(samples.X, "X", tiling_, reordered, n_passes(threads), pacer),
          targets_(samples.y, "y", tiling_, reordered, n_passes(threads), pacer),
          wave_(threads > 1 && sharing_ == Sharing::tiles ? wave_size() : 0),
          wave_gradients_(checked_product(wave_, layout.n_parameters())),
          wave_losses_(wave_) {
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight", tiling_, reordered,
                             n_passes(threads), pacer);
        }
        for (std::size_t k = 0; k < n_passes(threads); ++k) {
            passes_.emplace_back(layout, tiling_.max_vectors());
        }
    }

    const std::vector<Layer>& layers() const override { return layout_.layers(); }
    std::size_t size() const override { return layout_.n_parameters(); }
    void pack(const T* flat, T* own) const override { std::copy_n(flat, size(), own); }
    void unpack(const T* own, T* flat) const override { std::copy_n(own, size(), flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs) override {
        const std::size_t begin = tiling_.begin_of(batch), end = tiling_.begin_of(batch + 1);
        double total = 0;
        if (sharing_ == Sharing::tiles && team_->size() > 1) {
            for (std::size_t first = begin; first < end; first += wave_) {
                wave(begin, first, std::min(end, first + wave_), order, parameters, gradient,
                     outputs, total);
            }
            return total;
        }
        for (std::size_t tile = begin; tile < end; ++tile) {
            total += forward(0, tile, order, parameters, outputs, crew());
            passes_[0].backward(parameters, gradient, tile > begin, crew());
        }
        return total;
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const UpdateState<T>& from, const UpdateState<T>& to,
                  T* outputs) override {
        if (update_order_ == UpdateOrder::simultaneous) {
            return Batches<T>::update(batch, order, rule, gradient, from, to, outputs);
        }
        return update_output_first(batch, order, rule, gradient, from, to, outputs);
    }

private:
    using Batches<T>::tiling_;
    using Batches<T>::team_;
    using Batches<T>::pacer_;
    using Batches<T>::apply;

    // How many passes are under way at a time.
    std::size_t n_passes(std::size_t threads) const {
        if (update_order_ == UpdateOrder::output_first) return tiling_.begin_of(1);
        return sharing_ == Sharing::tiles ? std::min(threads, tiling_.begin_of(1)) : 1;
    }

    // Who computes what is not shared by tiles.
    Crew crew() { return {*pacer_, sharing_ == Sharing::units ? team_ : nullptr}; }

    // Tile k to the loss and the output's delta, by a pass whose activations and deltas last until
    // its next.
    double forward(std::size_t pass, std::size_t k, const std::int64_t* order, const T* parameters,
                   T* outputs, Crew crew) {
        const Tile& tile = tiling_[k];
        const T* const weights = weights_ ? weights_->tile(k, order, pass, crew) : nullptr;
        const T loss = passes_[pass].forward(this->objective_.template criterion<T>(), parameters,
                                             inputs_.tile(k, order, pass, crew),
                                             targets_.tile(k, order, pass, crew), weights,
                                             tile.vectors, tile.samples, crew);
        this->record(passes_[pass].output(), tile.vectors, tile.first, tile.samples, order,
                     outputs);
        return static_cast<double>(loss);
    }

    // So many gradients are kept until they are added: enough for the threads to share evenly.
    std::size_t wave_size() const {
        const std::size_t fitting = (1u << 21) / layout_.n_parameters();
        return std::min(tiling_.begin_of(1), std::clamp<std::size_t>(fitting, 32, 1024));
    }

    // Tiles [first, end) of a batch that begins with tile `begin`, each by one thread. Their losses
    // are added to `total` one by one, as one thread alone adds them.
    void wave(std::size_t begin, std::size_t first, std::size_t end, const std::int64_t* order,
              const T* parameters, T* gradient, T* outputs, double& total) {
        const std::size_t n = layout_.n_parameters(), tiles = end - first;
        team_->for_each(tiles, [&](std::size_t item, ThreadTeam::Worker& worker) {
            const Crew alone{worker.pacer, nullptr};
            wave_losses_[item] =
                forward(worker.index, first + item, order, parameters, outputs, alone);
            passes_[worker.index].backward(parameters, wave_gradients_.data() + item * n, false,
                                           alone);
        });
        this->in_chunks({0, n}, [&](Range chunk) {
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

    // From the last layer to the first: its gradient over all tiles, its update, and the deltas of
    // the layer below, which so see the new weights.
    double update_output_first(std::size_t batch, const std::int64_t* order,
                               const UpdateRule<T>& rule, T* gradient, const UpdateState<T>& from,
                               const UpdateState<T>& to, T* outputs) {
        const std::size_t begin = tiling_.begin_of(batch);
        const std::size_t tiles = tiling_.begin_of(batch + 1) - begin;
        double loss = 0;
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            loss += forward(tile, begin + tile, order, from.parameters, outputs, crew());
        }
        if (!std::isfinite(loss)) return NAN;
        for (std::size_t k = layers().size(); k-- > 0;) {
            const Layer& layer = layers()[k];
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                passes_[tile].layer_gradient(k, gradient, tile > 0, crew());
            }
            // The rest of its last vector belongs to the layer above, and becomes what it was.
            if (!apply(rule, {layer.weights, layer.end}, gradient, from, to)) return NAN;
            for (std::size_t tile = 0; k > 0 && tile < tiles; ++tile) {
                passes_[tile].propagate(k, to.parameters, crew());
            }
        }
        return loss;
    }

    const Layout& layout_;
    UpdateOrder update_order_;
    Sharing sharing_;
    SampleTiles<T> inputs_, targets_;
    std::optional<SampleTiles<T>> weights_;
    std::size_t wave_;
    AlignedBuffer<T> wave_gradients_;  // (wave, n_parameters)
    std::vector<double> wave_losses_;  // (wave)
    std::vector<NetworkPass<T>> passes_;
};

}  // namespace denseloop
