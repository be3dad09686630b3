// A loss that the caller computes, instead of one of the kernels'.
#pragma once

#include <cstddef>
#include <cstdint>

namespace denseloop {

// A batch of `count` samples that starts at number `first` of an order of all samples, which is
// null for 0, 1, ...
struct SampleBatch {
    std::size_t first, count;
    const std::int64_t* order;

    std::size_t operator[](std::size_t i) const {
        return order == nullptr ? first + i : static_cast<std::size_t>(order[first + i]);
    }
};

template <class T>
class CallerLoss {
public:
    virtual ~CallerLoss() = default;

    // Returns the loss of a batch. outputs (n_samples, n_outputs), in the order of the samples;
    // `derivatives` by them is laid out likewise and receives those of the batch, unless it is
    // null. May throw anything.
    virtual double evaluate(const SampleBatch& batch, const T* outputs, T* derivatives) = 0;
};

}  // namespace denseloop
