// The forward passes of whole data sets, tile by tile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/thread_team.hpp"
#include "network/tile_pass.hpp"
#include "samples/input_tiles.hpp"

namespace denseloop {

// One tile of X after the other, in memory of its own.
template <class T>
class TileReader {
public:
    // Reads sparse samples as dense tiles if `dense`.
    TileReader(const Inputs<T>& X, const Tiling<T>& tiling, bool dense)
        : X_(X),
          packed_(dense || X.dense()
                      ? checked_product(X.columns, tile_stride<T>(tiling.max_vectors()))
                      : 0) {
        if (X.sparse() && !dense) sparse_.emplace(*X.sparse(), tiling, false, false);
    }

    // Refuses samples that are not finite.
    TileInput<T> read(const Tile& tile) {
        if (const MatrixView<T>* const matrix = X_.dense()) {
            pack_tile(active_kernels<T>(), *matrix, "X", tile, packed_.data());
            return packed_.data();
        }
        require_usable(*X_.sparse(), "X", tile.first, tile.samples);
        if (sparse_) {
            sparse_->gather(*X_.sparse(), tile, nullptr);
            return *sparse_;
        }
        pack_tile(*X_.sparse(), tile, nullptr, packed_.data());
        return packed_.data();
    }

private:
    Inputs<T> X_;
    std::optional<SparseTile<T>> sparse_;
    AlignedBuffer<T> packed_;  // (n_inputs, vectors, lanes)
};

// Reads and predicts each tile of X, and then calls f(pass, tile, worker), which may throw only
// Interrupted. The threads share the tiles. Refuses samples that are not finite: the first of them,
// when all other tiles are done. Sparse samples are read as dense tiles if `dense`.
template <class T, class F>
void sweep_tiles(const Layout& layout, const T* parameters, const Inputs<T>& X, bool dense,
                 std::size_t threads, Pacer& pacer, const F& f) {
    const Tiling<T> tiling(X.rows, X.rows);
    ThreadTeam team(std::min(threads, tiling.count()), pacer);
    std::vector<TilePass<T>> passes;
    std::vector<TileReader<T>> readers;
    for (std::size_t k = 0; k < team.size(); ++k) {
        passes.emplace_back(layout, tiling.max_vectors(), X.sparse() != nullptr);
        readers.emplace_back(X, tiling, dense);
    }
    // The first tile that is refused, and why.
    std::mutex refusing;
    std::size_t first_refused = tiling.count();
    std::exception_ptr refusal;
    team.for_each(tiling.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
        const Tile& tile = tiling[k];
        TilePass<T>& pass = passes[worker.index];
        TileInput<T> input = nullptr;
        try {
            input = readers[worker.index].read(tile);
        } catch (...) {
            const std::scoped_lock alone(refusing);
            if (k < first_refused) {
                first_refused = k;
                refusal = std::current_exception();
            }
            return;
        }
        pass.predict(parameters, input, tile.vectors, {worker.pacer});
        f(pass, tile, worker);
    });
    if (refusal) std::rethrow_exception(refusal);
}

}  // namespace denseloop
