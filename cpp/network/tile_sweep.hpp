// The forward passes of whole data sets, tile by tile.
#pragma once

#include <algorithm>
#include <atomic>
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
    // Reads all samples as whole dense tiles if `whole`.
    TileReader(const Inputs<T>& X, const Tiling<T>& tiling, bool whole)
        : X_(X),
          by_panels_(!whole && X.dense() && X.dense()->has_contiguous_rows()),
          packed_(X.sparse() && !whole
                      ? 0
                      : checked_product(by_panels_ ? std::min(X.columns, panel_columns) : X.columns,
                                        tile_stride<T>(tiling.max_vectors()))) {
        if (X.sparse() && !whole) {
            sparse_.emplace(tiling.max_vectors(), most_stored(*X.sparse(), tiling, false), 0);
        }
    }

    // Refuses samples that are not finite.
    TileInput<T> read(const Tile& tile, Pacer& pacer) {
        if (const MatrixView<T>* const matrix = X_.dense()) {
            if (by_panels_) {
                require_finite(*matrix, "X", tile.first, tile.samples);
                unpacked_ = {lane_rows(matrix->from(tile.first), tile), packed_.data(), false};
                return unpacked_;
            }
            pack_tile(active_kernels<T>(), *matrix, "X", tile, packed_.data(), pacer);
            return packed_.data();
        }
        require_usable(*X_.sparse(), "X", tile.first, tile.samples);
        if (sparse_) {
            sparse_->gather(*X_.sparse(), tile, nullptr, nullptr);
            return *sparse_;
        }
        pack_tile(*X_.sparse(), tile, nullptr, packed_.data());
        return packed_.data();
    }

private:
    Inputs<T> X_;
    bool by_panels_;
    std::optional<SparseTile<T>> sparse_;
    UnpackedTile<T> unpacked_;
    AlignedBuffer<T> packed_;  // (n_inputs, or panel_columns, vectors, lanes)
};

// Reads and predicts each tile of X, and then calls f(pass, tile, reader, executor), which may
// throw only Interrupted. The threads share the tiles, each with a `reader` of its own, or the
// units of the layers where there are fewer tiles. Refuses samples that are not finite: the first
// of them, when all other tiles are done. They are read as whole dense tiles if `whole`.
template <class T, class F>
void sweep_tiles(const Layout& layout, const T* parameters, const Inputs<T>& X, bool whole,
                 std::size_t threads, Pacer& pacer, const F& f) {
    const Tiling<T> tiling(X.rows, X.rows);
    const bool by_units = tiling.count() < threads;
    ThreadTeam team(by_units ? threads : std::min(threads, tiling.count()), pacer);
    std::vector<TilePass<T>> passes;
    std::vector<TileReader<T>> readers;
    for (std::size_t k = 0; k < (by_units ? 1 : team.size()); ++k) {
        passes.emplace_back(layout, tiling.max_vectors(), X.sparse() && !whole);
        readers.emplace_back(X, tiling, whole);
    }
    // The first tile that is refused, and why.
    std::mutex refusing;
    std::atomic<std::size_t> first_refused{tiling.count()};
    std::exception_ptr refusal;
    const auto sweep = [&](std::size_t k, std::size_t reader, const Executor& executor) {
        if (k > first_refused) return;
        const Tile tile = tiling[k];
        TileInput<T> input = nullptr;
        try {
            input = readers[reader].read(tile, executor.pacer);
        } catch (const Interrupted&) {
            throw;
        } catch (...) {
            const std::scoped_lock alone(refusing);
            if (k < first_refused) {
                first_refused = k;
                refusal = std::current_exception();
            }
            return;
        }
        passes[reader].predict(parameters, input, tile.samples, executor);
        f(passes[reader], tile, reader, executor);
    };
    if (by_units) {
        for (std::size_t k = 0; k < tiling.count(); ++k) sweep(k, 0, {pacer, &team});
    } else {
        team.for_each(tiling.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
            sweep(k, worker.index, {worker.pacer});
        });
    }
    if (refusal) std::rethrow_exception(refusal);
}

}  // namespace denseloop
