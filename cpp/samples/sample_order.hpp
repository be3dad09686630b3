// In which order the samples of an epoch are taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace denseloop {

// A random order of 0, ..., order.size() - 1, which the seed and the epoch decide: Fisher and
// Yates' shuffle, with the numbers of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
// number generators", OOPSLA 2014) from a state that the two are mixed to.
void shuffle(std::vector<std::int64_t>& order, std::uint64_t seed, std::uint64_t epoch);

}  // namespace denseloop
