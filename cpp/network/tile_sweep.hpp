// The forward passes of whole data sets, tile by tile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <mutex>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/thread_team.hpp"
#include "network/tile_pass.hpp"
#include "samples/samples.hpp"

namespace denseloop {

// Packs and predicts each tile of X, and then calls f(pass, tile, worker), which may throw only
// Interrupted. The threads share the tiles. Refuses samples that are not finite: the first of them,
// when all other tiles are done.
template <class T, class F>
void sweep_tiles(const Layout& layout, const T* parameters, const MatrixView<T>& X,
                 std::size_t threads, Pacer& pacer, const F& f) {
    const Tiling<T> tiling(X.rows, X.rows);
    ThreadTeam team(std::min(threads, tiling.count()), pacer);
    std::vector<TilePass<T>> passes;
    std::vector<AlignedBuffer<T>> inputs;
    for (std::size_t k = 0; k < team.size(); ++k) {
        passes.emplace_back(layout, tiling.max_vectors());
        inputs.emplace_back(checked_product(X.columns, tile_stride<T>(tiling.max_vectors())));
    }
    // The first tile that is refused, and why.
    std::mutex refusing;
    std::size_t first_refused = tiling.count();
    std::exception_ptr refusal;
    team.for_each(tiling.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
        const Tile& tile = tiling[k];
        TilePass<T>& pass = passes[worker.index];
        T* const input = inputs[worker.index].data();
        try {
            pack_tile(active_kernels<T>(), X, "X", tile, input);
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
