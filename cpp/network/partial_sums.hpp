// Interface: sums over some blocks of a larger data set's batch, which are combined with those of
// the others elsewhere. RemoteSums are what comes of it.
#pragma once

#include <cstddef>
#include <vector>

#include "base/pacer.hpp"
#include "samples/remote_sums.hpp"
#include "samples/sample_tiles.hpp"

namespace denseloop {

// The nodes of the BlockTree that the blocks make, from left to right: the number of each, and of
// gradients and equations the arrays (n_nodes, array_size).
template <class T>
struct PartialSum {
    std::vector<double> numbers;
    std::vector<T> arrays;
    std::size_t array_size = 0;
};

// Keeps the packed samples; a call has its workspace for its own time, since a process may have
// many such sums.
template <class T>
class PartialSums {
public:
    virtual ~PartialSums() = default;

    // Computes such a sum at flat `parameters`. Throws Interrupted. One call at a time.
    virtual PartialSum<T> evaluate(RemoteSum sum, const T* parameters, std::size_t threads,
                                   Monitor& monitor) = 0;

    // The samples where they are packed, or null. The caller's own are not used again then.
    virtual const SampleTiles<T>* packed_inputs() const = 0;
    virtual const SampleTiles<T>* packed_targets() const = 0;
    virtual const SampleTiles<T>* packed_weights() const = 0;
};

}  // namespace denseloop
