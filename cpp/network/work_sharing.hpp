// How a network's work is computed: by tiles or by rows, and what the threads of a team share.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/cost_model.hpp"
#include "network/layout.hpp"
#include "network/objective.hpp"
#include "samples/inputs.hpp"
#include "samples/tiling.hpp"

namespace denseloop {

// Multiply-adds of an update from this many samples.
inline double update_work(const Layout& layout, std::size_t samples) {
    return static_cast<double>(samples) *
           (3 * static_cast<double>(layout.n_parameters()) +
            static_cast<double>(cost::activation) * static_cast<double>(layout.n_units()));
}

// Multiply-adds of a forward pass alone: a third of an update's.
inline double forward_work(const Layout& layout, std::size_t samples) {
    return update_work(layout, samples) / 3;
}

// The same for these inputs, of which those that are not stored cost nothing. One sample takes the
// time of a vector of them.
template <class T>
double forward_work(const Layout& layout, const Inputs<T>& inputs) {
    const double work = forward_work(layout, padded<T>(inputs.rows));
    if (!inputs.sparse()) return work;
    const double all =
        static_cast<double>(padded<T>(inputs.rows)) * static_cast<double>(inputs.columns);
    const double missing = all - static_cast<double>(inputs.sparse()->stored());
    return work - missing * static_cast<double>(layout.layers()[0].fan_out);
}

// Whether the kernels of few samples take less time than a tile that is mostly empty. It is
// estimated in vector operations, and from shapes alone, since the bits of a gradient depend on it.
template <class T>
bool suits_rows(const Layout& layout, std::size_t samples) {
    if (samples == 0 || samples > max_rows) return false;
    if (layout.n_parameters() > cost::most_row_parameters) return false;
    constexpr double activation = cost::activation;
    double rows = 0, tile = 0;
    for (const Layer& layer : layout.layers()) {
        const auto vectors = [](std::size_t n) {
            return static_cast<double>(padded<T>(n) / vector_lanes<T>);
        };
        const double in = static_cast<double>(layer.fan_in),
                     out = static_cast<double>(layer.fan_out);
        rows += 3 * (layer.fan_out == 1 ? vectors(layer.fan_in) : in * vectors(layer.fan_out)) +
                activation * vectors(layer.fan_out);
        tile += 3 * in * out + activation * out;
    }
    return static_cast<double>(samples) * rows <= tile;
}

// What the threads of a team share.
enum class Sharing { nothing, tiles, units };

// Returns what pays for batches of this size. Tiles can be shared only if all layers are updated at
// once.
template <class T>
Sharing sharing_for(const Layout& layout, const Tiling<T>& tiling, UpdateOrder order) {
    const std::size_t batch = tiling.samples_in_batch(0);
    if (update_work(layout, batch) < cost::batch_hand_over) return Sharing::nothing;
    if (update_work(layout, tiling[0].samples) >= cost::split_by_units) return Sharing::units;
    return order == UpdateOrder::simultaneous && tiling.tiles_per_batch() > 1 ? Sharing::tiles
                                                                              : Sharing::nothing;
}

// Returns how many tiles are in use at a time by a team of at most `threads`.
template <class T>
std::size_t tiles_in_use(const Layout& layout, const Tiling<T>& tiling, UpdateOrder order,
                         std::size_t threads) {
    if (order == UpdateOrder::output_first) return tiling.tiles_per_batch();
    const bool shared = sharing_for(layout, tiling, order) == Sharing::tiles;
    return shared ? std::min(threads, tiling.tiles_per_batch()) : 1;
}

// Returns how many of `threads` threads are worth starting for `epochs` updates from all samples.
template <class T>
std::size_t useful_threads(const Layout& layout, const Tiling<T>& tiling, UpdateOrder order,
                           std::size_t threads, double epochs) {
    const std::size_t batch = tiling.samples_in_batch(0);
    const Sharing sharing =
        suits_rows<T>(layout, batch) ? Sharing::nothing : sharing_for(layout, tiling, order);
    if (sharing == Sharing::nothing ||
        update_work(layout, tiling.samples()) * epochs < cost::thread_start) {
        return 1;
    }
    const std::size_t register_blocks =
        std::max(layout.max_width(), layout.n_inputs()) / cost::register_block + 1;
    return std::min(threads,
                    sharing == Sharing::tiles ? tiling.tiles_per_batch() : register_blocks);
}

}  // namespace denseloop
