// The losses and gradients of some blocks.
#pragma once

#include <cstddef>
#include <vector>

#include "network/partial_sums.hpp"
#include "network/tile_sums.hpp"

namespace denseloop {

template <class T>
class PartialGradients : public PartialSums<T> {
public:
    // The samples are whole blocks of a batch, from this block on; only the last block of the batch
    // may be shorter. The layout and the samples' matrices must outlive this, unchanged. Throws
    // what ObjectiveFunction throws.
    PartialGradients(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                     std::size_t first_block, std::size_t threads, Monitor& monitor);

    std::size_t evaluate(RemoteSum sum, const T* parameters, Monitor& monitor) override;
    double number(std::size_t k) const override { return losses_[k]; }
    const T* array(std::size_t k) override { return gradients_.node(k); }
    std::size_t array_size() const override { return layout_.n_parameters(); }

    const SampleTiles<T>* packed_inputs() const override { return sums_.packed_inputs(); }
    const SampleTiles<T>* packed_targets() const override { return sums_.packed_targets(); }
    const SampleTiles<T>* packed_weights() const override { return sums_.packed_weights(); }

private:
    // `pacer` is used here only.
    PartialGradients(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                     std::size_t first_block, std::size_t threads, Pacer&& pacer);

    const Layout& layout_;
    const std::size_t first_block_;
    const Tiling<T> tiling_;
    const std::size_t threads_;  // that are worth starting
    TileSums<T> sums_;
    AlignedBuffer<T> bottom_;  // of the tree
    ArrayTree<T> gradients_;
    std::vector<double> losses_;
};

}  // namespace denseloop
