// Initial weights, with the numbers of numpy.random.default_rng(seed).uniform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "network/layout.hpp"
#include "samples/numpy_generator.hpp"

namespace denseloop {

inline void require_limits(const Layout& layout, const std::vector<double>& limits) {
    if (limits.size() == layout.layers().size()) return;
    throw std::invalid_argument("expected " + std::to_string(layout.layers().size()) +
                                " limits, one for each layer, got " +
                                std::to_string(limits.size()));
}

// The words of 32 bits of a seed, the least significant first, without zeros at the end.
inline std::vector<std::uint32_t> seed_words(std::uint64_t seed) {
    std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed)};
    if (seed >> 32 != 0) words.push_back(static_cast<std::uint32_t>(seed >> 32));
    return words;
}

// Draws the weights of layer k, layer after layer, uniformly in [-limits[k], limits[k]), or in
// [0, 1) where that is 0.
template <class T>
void draw_uniform(const Layout& layout, const std::vector<std::uint32_t>& seed,
                  const std::vector<double>& limits, T* parameters) {
    Pcg64 random{SeedSequence(seed)};
    for (std::size_t k = 0; k < limits.size(); ++k) {
        const Layer& layer = layout.layers()[k];
        const double low = -limits[k], range = limits[k] == 0 ? 1 : limits[k] - low;
        for (std::size_t i = layer.weights; i < layer.bias; ++i) {
            parameters[i] = static_cast<T>(low + range * random.next_double());
        }
    }
}

}  // namespace denseloop
