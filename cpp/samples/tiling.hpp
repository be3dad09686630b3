// How samples are cut into batches, blocks and tiles. The bits of a gradient depend on it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/vector_size.hpp"

namespace denseloop {

// A long tile spreads the final sum over the lanes over many samples; a short one keeps its
// activations in the first-level cache. From 2-4-1 to 784-128-10, 16 vectors are as fast as 32 and
// up to a quarter faster than 8 or 4.
constexpr std::size_t vectors_per_tile = 16;

// The tiles of a block are added in turn, the blocks of a batch by a BlockTree. Shorter blocks
// would add more sums, longer ones leave less to share to threads and machines.
constexpr std::size_t samples_per_block = 2048;
template <class T>
constexpr std::size_t tiles_per_block = samples_per_block / (vectors_per_tile * vector_lanes<T>);

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
          max_vectors_(std::min(vectors_per_tile, divided_up(batch_size_, vector_lanes<T>))),
          tile_size_(max_vectors_ * vector_lanes<T>),
          tiles_per_batch_(divided_up(batch_size_, tile_size_)),
          count_((batches_ - 1) * tiles_per_batch_ +
                 divided_up(samples_in_batch(batches_ - 1), tile_size_)) {}

    std::size_t samples() const { return samples_; }
    std::size_t batches() const { return batches_; }
    std::size_t samples_in_batch(std::size_t batch) const {
        return std::min(batch_size_, samples_ - batch * batch_size_);
    }
    std::size_t first_sample(std::size_t batch) const { return batch * batch_size_; }
    // The tiles of a batch are those from first_tile(batch) to before first_tile(batch + 1).
    std::size_t first_tile(std::size_t batch) const {
        return std::min(batch * tiles_per_batch_, count_);
    }
    std::size_t tiles_per_batch() const { return tiles_per_batch_; }
    std::size_t blocks_per_batch() const {
        return divided_up(tiles_per_batch_, tiles_per_block<T>);
    }
    std::size_t count() const { return count_; }
    Tile operator[](std::size_t tile) const {
        const std::size_t batch = tile / tiles_per_batch_;
        const std::size_t before = tile % tiles_per_batch_ * tile_size_;  // in the batch
        const std::size_t samples = std::min(tile_size_, samples_in_batch(batch) - before);
        return {first_sample(batch) + before, samples, divided_up(samples, vector_lanes<T>)};
    }
    std::size_t max_vectors() const { return max_vectors_; }  // of the longest tile

private:
    static std::size_t divided_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

    std::size_t samples_, batch_size_, batches_, max_vectors_, tile_size_, tiles_per_batch_, count_;
};

}  // namespace denseloop
