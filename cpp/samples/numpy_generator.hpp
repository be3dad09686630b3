// The numbers of numpy.random.default_rng, drawn without Python: PCG64, seeded by SeedSequence.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/arithmetic.hpp"

namespace denseloop {

// Hashes a seed of any length to the state of a generator, as NumPy's SeedSequence does.
class SeedSequence {
public:
    // entropy: the seed's words of 32 bits, the least significant first, at least one.
    explicit SeedSequence(const std::vector<std::uint32_t>& entropy) {
        std::uint32_t constant = 0x43b0d7e5;
        const auto hash = [&](std::uint32_t value) {
            value ^= constant;
            constant *= 0x931e8875;
            value *= constant;
            return value ^ (value >> 16);
        };
        const auto mix = [](std::uint32_t x, std::uint32_t y) {
            const std::uint32_t result = 0xca01f9ddu * x - 0x4973f715u * y;
            return result ^ (result >> 16);
        };
        for (std::size_t k = 0; k < pool_.size(); ++k) {
            pool_[k] = hash(k < entropy.size() ? entropy[k] : 0);
        }
        for (std::size_t from = 0; from < pool_.size(); ++from) {
            for (std::size_t to = 0; to < pool_.size(); ++to) {
                if (from != to) pool_[to] = mix(pool_[to], hash(pool_[from]));
            }
        }
        for (std::size_t k = pool_.size(); k < entropy.size(); ++k) {
            for (std::uint32_t& word : pool_) word = mix(word, hash(entropy[k]));
        }
    }

    // Four numbers of 64 bits.
    std::array<std::uint64_t, 4> state() const {
        std::array<std::uint64_t, 4> state{};
        std::uint32_t constant = 0x8b51f9dd;
        for (std::size_t k = 0; k < 2 * state.size(); ++k) {
            std::uint32_t word = pool_[k % pool_.size()] ^ constant;
            constant *= 0x58f38ded;
            word *= constant;
            word ^= word >> 16;
            state[k / 2] |= std::uint64_t{word} << (k % 2 * 32);
        }
        return state;
    }

private:
    std::array<std::uint32_t, 4> pool_;
};

// The generator of [1], PCG XSL RR 128/64.
//
// [1] M. E. O'Neill, "PCG: A family of simple fast space-efficient statistically good algorithms
//     for random number generation", Harvey Mudd College, HMC-CS-2014-0905 (2014).
class Pcg64 {
public:
    explicit Pcg64(const SeedSequence& seed) {
        const auto [high, low, stream_high, stream_low] = seed.state();
        increment_ = (wide(stream_high, stream_low) << 1) | 1;
        state_ = 0;
        step();
        state_ += wide(high, low);
        step();
    }

    std::uint64_t next() {
        step();
        const auto high = static_cast<std::uint64_t>(state_ >> 64);
        const std::uint64_t folded = high ^ static_cast<std::uint64_t>(state_);
        const unsigned rotation = static_cast<unsigned>(high >> 58);
        return (folded >> rotation) | (folded << (-rotation & 63));
    }

    // Uniform in [0, 1).
    double next_double() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
    static Wide wide(std::uint64_t high, std::uint64_t low) { return Wide{high} << 64 | low; }
    void step() { state_ = state_ * wide(2549297995355413924u, 4865540595714422341u) + increment_; }

    Wide state_, increment_;
};

}  // namespace denseloop
