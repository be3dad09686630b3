// The samples of a least-squares problem at hand.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "samples/tiled_samples.hpp"

namespace denseloop {

// Has them as tiles, with the root of each one's weight.
template <class T>
class LeastSquaresSamples {
public:
    // Throws Interrupted.
    LeastSquaresSamples(const Samples<T>& samples, Pacer& pacer)
        : tiling_(samples.X.rows, samples.X.rows),
          tiles_({samples.X, samples.y, {}}, tiling_, false, 1, 1, SparseAs::dense, pacer),
          width_(tile_stride<T>(tiling_.max_vectors())),
          weighted_(samples.weight.has_value()),
          factors_(checked_product(weighted_ ? tiling_.count() : 2, width_)) {
        for (std::size_t k = weighted_ ? 0 : tiling_.count() - 1; k < tiling_.count(); ++k) {
            const Tile tile = tiling_[k];
            std::fill_n(factors(k), width_, T(0));
            for (std::size_t i = 0; i < tile.samples; ++i) {
                factors(k)[i] =
                    samples.weight ? std::sqrt(samples.weight->at(tile.first + i, 0)) : T(1);
            }
        }
        if (!weighted_ && tiling_.count() > 1) std::fill_n(factors(0), width_, T(1));
    }

    const Tiling<T>& tiling() const { return tiling_; }
    TiledSamples<T>& tiles() { return tiles_; }
    const TiledSamples<T>& tiles() const { return tiles_; }

    // Returns the roots (vectors, lanes) in tile k, 0 past the samples. Without weights all tiles
    // but the last have the same.
    T* factors(std::size_t k) {
        const std::size_t index = weighted_ ? k : k + 1 == tiling_.count();
        return factors_.data() + index * width_;
    }

private:
    const Tiling<T> tiling_;
    TiledSamples<T> tiles_;  // dense, as the Jacobian is
    const std::size_t width_;
    const bool weighted_;
    AlignedBuffer<T> factors_;
};

}  // namespace denseloop
