// Inputs, targets and weights of samples as tiles.
#pragma once

#include <cstddef>
#include <optional>

#include "samples/input_tiles.hpp"
#include "samples/samples.hpp"

namespace denseloop {

template <class T>
struct TiledSamples {
    // reordered: every epoch has an order of its own. `buffers` tiles are in use at a time, of
    // which `at_once` are made at the same time. `tiling` must outlive this.
    TiledSamples(const Samples<T>& samples, const Tiling<T>& tiling, bool reordered,
                 std::size_t buffers, std::size_t at_once, SparseAs sparse_as, Pacer& pacer)
        : tiling(tiling),
          sparse(samples.X.sparse() != nullptr),
          inputs(samples.X, "X", tiling, reordered, buffers, at_once, sparse_as, pacer),
          targets(samples.y, "y", tiling, reordered, buffers, pacer) {
        if (samples.weight) {
            weights.emplace(*samples.weight, "sample_weight", tiling, reordered, buffers, pacer);
        }
    }

    // The tiles where all are packed, or null: the caller's own are not used again then.
    const SampleTiles<T>* packed_inputs() const { return inputs.packed(); }
    const SampleTiles<T>* packed_targets() const {
        return targets.are_packed() ? &targets : nullptr;
    }
    const SampleTiles<T>* packed_weights() const {
        return weights && weights->are_packed() ? &*weights : nullptr;
    }

    const Tiling<T>& tiling;
    const bool sparse;
    InputTiles<T> inputs;
    SampleTiles<T> targets;
    std::optional<SampleTiles<T>> weights;
};

}  // namespace denseloop
