#include "base/checked_size.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace denseloop {
namespace {

constexpr std::size_t largest_object = PTRDIFF_MAX;

}  // namespace

std::size_t checked_product(std::size_t a, std::size_t b) {
    if (b != 0 && a > largest_object / b) {
        throw std::length_error(std::to_string(a) + " times " + std::to_string(b) +
                                " exceeds the address space");
    }
    return a * b;
}

std::size_t checked_sum(std::size_t a, std::size_t b) {
    if (a > largest_object || b > largest_object - a) {
        throw std::length_error(std::to_string(a) + " plus " + std::to_string(b) +
                                " exceeds the address space");
    }
    return a + b;
}

}  // namespace denseloop
