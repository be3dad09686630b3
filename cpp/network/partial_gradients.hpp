// The losses and gradients of some blocks.
#pragma once

#include <cstddef>

#include "network/objective.hpp"
#include "network/partial_sums.hpp"
#include "network/work_sharing.hpp"
#include "samples/tiled_samples.hpp"

namespace denseloop {

template <class T>
class PartialGradients : public PartialSums<T> {
public:
    // The samples are whole blocks of a batch, from this block on; only the last block of the batch
    // may be shorter. At most `threads` threads share a call. The layout and the samples' matrices
    // must outlive this, unchanged. Throws what ObjectiveFunction throws.
    PartialGradients(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                     std::size_t first_block, std::size_t threads, Pacer&& pacer);

    PartialSum<T> evaluate(RemoteSum sum, const T* parameters, std::size_t threads,
                           Monitor& monitor) override;

    const SampleTiles<T>* packed_inputs() const override { return samples_.packed_inputs(); }
    const SampleTiles<T>* packed_targets() const override { return samples_.packed_targets(); }
    const SampleTiles<T>* packed_weights() const override { return samples_.packed_weights(); }

private:
    const Layout& layout_;
    const Objective objective_;
    const std::size_t first_block_;
    const Tiling<T> tiling_;
    const std::size_t threads_;  // at most, that are worth starting
    TiledSamples<T> samples_;
};

}  // namespace denseloop
