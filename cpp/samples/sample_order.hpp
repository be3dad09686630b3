// The order in which an epoch takes the samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace denseloop {

// Fills `order` with a random permutation of 0, ..., order.size() - 1 that depends on the seed and
// the epoch alone: a Fisher-Yates shuffle with the generator SplitMix64 (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", OOPSLA 2014), whose state mixes the two.
void shuffle(std::vector<std::int64_t>& order, std::uint64_t seed, std::uint64_t epoch);

}  // namespace denseloop
