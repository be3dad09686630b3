// Arithmetic on sizes that refuses to overflow.
#pragma once

#include <cstddef>

namespace denseloop {

// a * b and a + b. Throws std::length_error if the result exceeds the largest size of an object.
std::size_t checked_product(std::size_t a, std::size_t b);
std::size_t checked_sum(std::size_t a, std::size_t b);

}  // namespace denseloop
