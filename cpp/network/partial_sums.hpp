// Interface: sums over some blocks of a larger data set's batch, which are combined with those of
// the others elsewhere. RemoteSums are what comes of it.
#pragma once

#include <cstddef>

#include "base/pacer.hpp"
#include "samples/remote_sums.hpp"
#include "samples/sample_tiles.hpp"

namespace denseloop {

template <class T>
class PartialSums {
public:
    virtual ~PartialSums() = default;

    // Computes such a sum at flat `parameters`. Returns how many nodes of the BlockTree the blocks
    // make; throws Interrupted. One call at a time.
    virtual std::size_t evaluate(RemoteSum sum, const T* parameters, Monitor& monitor) = 0;

    // Node k of the latest sum, from left to right: the number, and the array (array_size) of
    // gradients or equations.
    virtual double number(std::size_t k) const = 0;
    virtual const T* array(std::size_t k) = 0;
    virtual std::size_t array_size() const = 0;

    // The samples where they are packed, or null. The caller's own are not used again then.
    virtual const SampleTiles<T>* packed_inputs() const = 0;
    virtual const SampleTiles<T>* packed_targets() const = 0;
    virtual const SampleTiles<T>* packed_weights() const = 0;
};

}  // namespace denseloop
