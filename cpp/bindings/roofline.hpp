// The two rates that bound a training from below, to be timed by the caller.
#pragma once

#include <cstddef>

namespace denseloop {

// Makes at least `count` multiply-adds, in registers. Returns how many: the sum of as many products
// of one with itself.
template <class T>
std::size_t multiply_adds(std::size_t count);

// z becomes the training loop's sigmoid of itself, `times` over; its values approach 0.659, where
// sigmoid(z) = z, and take no longer or shorter for it. z is whole vectors: count is a multiple of
// vector_lanes<T>.
template <class T>
void loop_sigmoid(T* z, std::size_t count, std::size_t times);

}  // namespace denseloop
