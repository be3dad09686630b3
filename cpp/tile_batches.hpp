// A data set in tiles, with the samples along the lanes, and the gradients of its batches: by one
// thread, or by several that share the tiles of a batch or the units of a layer. The bits are the
// same: a tile's gradient is whole before it is added, and they are added in the order of the
// tiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "aligned_buffer.hpp"
#include "descent.hpp"
#include "network_pass.hpp"
#include "samples.hpp"
#include "thread_team.hpp"

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
Sharing sharing_for(const Layout& layout, const Tiling<T>& tiling, bool simultaneous) {
    const std::size_t batch = tiling.samples_in_batch(0);
    if (update_work(layout, batch) < 1u << 19) return Sharing::nothing;
    const double tile = update_work(layout, tiling[0].samples);
    // A layer is then worth some hand-overs, and gradients of every tile would take much memory.
    if (tile >= 1u << 23) return Sharing::units;
    return simultaneous && tiling.begin_of(1) > 1 ? Sharing::tiles : Sharing::nothing;
}

template <class T>
class TileBatches {
public:
    // one_workspace: otherwise each tile of a batch has one, whose activations and deltas last
    // until the next forward().
    TileBatches(const Layout& layout, const Objective& objective, const Tiling<T>& tiling,
                const MatrixView<T>& X, const MatrixView<T>& y, Sharing sharing, bool one_workspace,
                ThreadTeam& team, Pacer& pacer)
        : layout_(layout),
          objective_(objective),
          tiling_(tiling),
          sharing_(team.size() > 1 ? sharing : Sharing::nothing),
          team_(team),
          pacer_(pacer),
          inputs_(X, "X", tiling, pacer),
          targets_(y, "y", tiling, pacer),
          wave_(sharing_ == Sharing::tiles ? wave_size(layout, tiling) : 0),
          wave_gradients_(checked_product(wave_, layout.n_parameters())),
          wave_losses_(wave_) {
        const std::size_t passes = !one_workspace               ? tiling.begin_of(1)
                                   : sharing_ == Sharing::tiles ? team.size()
                                                                : 1;
        passes_.reserve(passes);
        for (std::size_t k = 0; k < passes; ++k) passes_.emplace_back(layout, tiling.max_vectors());
    }

    const Tiling<T>& tiling() const { return tiling_; }
    NetworkPass<T>& pass(std::size_t index) { return passes_[index]; }

    // Who computes what is not shared by tiles.
    Crew crew() { return {pacer_, sharing_ == Sharing::units ? &team_ : nullptr}; }

    // The sum of the losses over a batch and its gradient; the predictions to `outputs`
    // (n_samples, n_outputs) if it is not null.
    double loss_and_gradient(std::size_t batch, const T* parameters, T* gradient, T* outputs) {
        const std::size_t begin = tiling_.begin_of(batch), end = tiling_.begin_of(batch + 1);
        double total = 0;
        if (sharing_ == Sharing::tiles) {
            for (std::size_t first = begin; first < end; first += wave_) {
                total +=
                    wave(begin, first, std::min(end, first + wave_), parameters, gradient, outputs);
            }
            return total;
        }
        for (std::size_t tile = begin; tile < end; ++tile) {
            total += forward(passes_[0], tile, parameters, outputs, crew());
            passes_[0].backward(parameters, gradient, tile > begin, crew());
        }
        return total;
    }

    // Tile k to the loss and the output's delta.
    double forward(NetworkPass<T>& pass, std::size_t k, const T* parameters, T* outputs,
                   Crew crew) {
        const Tile& tile = tiling_[k];
        const T loss =
            pass.forward(objective_.loss, objective_.derivative_at, parameters, inputs_.tile(k),
                         targets_.tile(k), tile.vectors, tile.samples, crew);
        if (outputs != nullptr) {
            unpack(pass.output(), layout_.n_outputs(), tile.vectors, tile.samples,
                   outputs + tile.first * layout_.n_outputs());
        }
        return static_cast<double>(loss);
    }

    // Calls f(from, to) for chunks of the parameters [first, last), by all threads if that gains.
    template <class F>
    void in_chunks(std::size_t first, std::size_t last, const F& f) {
        constexpr std::size_t chunk = 1u << 13;
        if (sharing_ == Sharing::nothing || last - first < 2 * chunk) return f(first, last);
        const std::size_t count = (last - first + chunk - 1) / chunk;
        team_.for_each(count, [&](std::size_t item, ThreadTeam::Worker&) {
            f(first + item * chunk, std::min(last, first + (item + 1) * chunk));
        });
    }

private:
    // So many gradients are kept until they are added: enough for the threads to share evenly.
    static std::size_t wave_size(const Layout& layout, const Tiling<T>& tiling) {
        const std::size_t fitting = (1u << 21) / layout.n_parameters();
        return std::min(tiling.begin_of(1), std::clamp<std::size_t>(fitting, 32, 1024));
    }

    // Tiles [first, end) of a batch that begins with tile `begin`, each by one thread.
    double wave(std::size_t begin, std::size_t first, std::size_t end, const T* parameters,
                T* gradient, T* outputs) {
        const std::size_t n = layout_.n_parameters(), tiles = end - first;
        team_.for_each(tiles, [&](std::size_t item, ThreadTeam::Worker& worker) {
            NetworkPass<T>& pass = passes_[worker.index];
            const Crew alone{worker.pacer, nullptr};
            wave_losses_[item] = forward(pass, first + item, parameters, outputs, alone);
            pass.backward(parameters, wave_gradients_.data() + item * n, false, alone);
        });
        in_chunks(0, n, [&](std::size_t from, std::size_t to) {
            for (std::size_t item = 0; item < tiles; ++item) {
                const T* const summand = wave_gradients_.data() + item * n;
                if (first + item == begin) {
                    std::copy(summand + from, summand + to, gradient + from);
                } else {
                    for (std::size_t k = from; k < to; ++k) gradient[k] += summand[k];
                }
            }
        });
        double total = 0;
        for (std::size_t item = 0; item < tiles; ++item) total += wave_losses_[item];
        return total;
    }

    const Layout& layout_;
    Objective objective_;
    Tiling<T> tiling_;
    Sharing sharing_;
    ThreadTeam& team_;
    Pacer& pacer_;
    PackedSamples<T> inputs_, targets_;
    std::size_t wave_;
    AlignedBuffer<T> wave_gradients_;  // (wave, n_parameters)
    std::vector<double> wave_losses_;  // (wave)
    std::vector<NetworkPass<T>> passes_;
};

}  // namespace denseloop
