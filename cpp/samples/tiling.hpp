// How samples are cut into batches and tiles. The bits of a gradient depend on it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/vector_size.hpp"

namespace denseloop {

// A long tile spreads the final sum over the lanes over many samples; a short one keeps its
// activations in the first-level cache. From 2-4-1 to 784-128-10, 16 vectors are as fast as 32 and
// up to a quarter faster than 8 or 4.
constexpr std::size_t vectors_per_tile = 16;

// Consecutive samples that go through the network together.
struct Tile {
    std::size_t first, samples, vectors;
};

// Batches, and the tiles of each batch. Tiles are numbered through all batches; only the last
// batch, and the last tile of each batch, may be shorter than the others.
template <class T>
class Tiling {
public:
    Tiling(std::size_t samples, std::size_t batch_size)
        : samples_(samples),
          batch_size_(std::min(batch_size, samples)),
          batches_(divided_up(samples, batch_size_)),
          max_vectors_(std::min(vectors_per_tile, divided_up(batch_size_, vector_lanes<T>))) {
        const std::size_t tile_size = max_vectors_ * vector_lanes<T>;
        tiles_per_batch_ = divided_up(batch_size_, tile_size);
        for (std::size_t batch = 0; batch < batches_; ++batch) {
            const std::size_t begin = batch * batch_size_, end = begin + samples_in_batch(batch);
            for (std::size_t first = begin; first < end; first += tile_size) {
                const std::size_t in_tile = std::min(tile_size, end - first);
                tiles_.push_back({first, in_tile, divided_up(in_tile, vector_lanes<T>)});
            }
        }
    }

    std::size_t samples() const { return samples_; }
    std::size_t batches() const { return batches_; }
    std::size_t samples_in_batch(std::size_t batch) const {
        return std::min(batch_size_, samples_ - batch * batch_size_);
    }
    std::size_t first_sample(std::size_t batch) const { return batch * batch_size_; }
    // The tiles of a batch are those from first_tile(batch) to before first_tile(batch + 1).
    std::size_t first_tile(std::size_t batch) const {
        return std::min(batch * tiles_per_batch_, tiles_.size());
    }
    std::size_t tiles_per_batch() const { return tiles_per_batch_; }
    std::size_t count() const { return tiles_.size(); }
    const Tile& operator[](std::size_t tile) const { return tiles_[tile]; }
    std::size_t max_vectors() const { return max_vectors_; }  // of the longest tile

private:
    static std::size_t divided_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

    std::size_t samples_, batch_size_, batches_, max_vectors_, tiles_per_batch_;
    std::vector<Tile> tiles_;
};

}  // namespace denseloop
