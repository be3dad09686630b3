#include "samples/sample_order.hpp"

#include <numeric>
#include <utility>

#include "base/arithmetic.hpp"

namespace denseloop {
namespace {

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;

std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

void shuffle(std::vector<std::int64_t>& order, std::uint64_t seed, std::uint64_t epoch) {
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::uint64_t state = mixed(mixed(seed + golden_gamma) + (epoch + 1) * golden_gamma);
    for (std::size_t left = order.size(); left > 1; --left) {
        state += golden_gamma;
        // The bias is below left / 2^64.
        std::swap(order[left - 1], order[upper_product(mixed(state), left)]);
    }
}

}  // namespace denseloop
