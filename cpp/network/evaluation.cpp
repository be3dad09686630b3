#include "network/evaluation.hpp"

#include <algorithm>

#include "base/aligned_buffer.hpp"
#include "base/fp_environment.hpp"
#include "network/tile_sweep.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {
namespace {

class NeverInterrupted : public Monitor {
public:
    bool keep_going(std::size_t, double) override { return true; }
};

}  // namespace

template <class T>
void predict(const Layout& layout, const T* parameters, const Inputs<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor) {
    if (X.rows == 0) return;
    if (X.dense() && suits_rows<T>(layout, X.rows)) {
        return Predictor<T>(layout).predict(parameters, *X.dense(), predictions);
    }
    in_default_environment([&] {
        Pacer pacer(monitor);
        const bool shared = forward_work(layout, X) >= cost::thread_start;
        sweep_tiles(layout, parameters, X, false, shared ? threads : 1, pacer,
                    [&](TilePass<T>& pass, const Tile& tile, std::size_t, const Executor&) {
                        unpack_tile(pass.output(), layout.n_outputs(), tile.vectors, tile.first,
                                    tile.samples, nullptr, predictions);
                    });
    });
}

template <class T>
Predictor<T>::Predictor(const Layout& layout) : layout_(layout) {
    for (std::size_t n = 1; n <= max_rows; ++n) by_rows_[n] = suits_rows<T>(layout, n);
}

template <class T>
bool Predictor<T>::suits(std::ptrdiff_t samples) const {
    if (samples <= 0) return false;
    const auto count = static_cast<std::size_t>(samples);
    return (count <= max_rows && by_rows_[count]) ||
           forward_work(layout_, count) < cost::gil_release;
}

template <class T>
void Predictor<T>::predict(const T* parameters, const MatrixView<T>& X, T* predictions) {
    in_default_environment([&] {
        if (X.rows <= max_rows && by_rows_[X.rows]) {
            return predict_rows(parameters, X, predictions);
        }
        predict_tiles(parameters, X, predictions);
    });
}

template <class T>
void Predictor<T>::predict_rows(const T* parameters, const MatrixView<T>& X, T* predictions) {
    if (!workspace_) {
        rows_ = AlignedBuffer<T>(checked_product(max_rows, X.columns));
        workspace_.emplace(layout_, layout_.layers());
    }
    for (std::size_t i = 0; i < X.rows; ++i) copy_row(X, "X", i, rows_.data() + i * X.columns);
    active_kernels<T>().predict_rows(workspace_->pass(), parameters, rows_.data(), X.rows);
    workspace_->unpack_output(X.rows, predictions);
}

template <class T>
void Predictor<T>::predict_tiles(const T* parameters, const MatrixView<T>& X, T* predictions) {
    constexpr std::size_t lanes = vector_lanes<T>, most = vectors_per_tile * lanes;
    const std::size_t longest = padded<T>(std::min(X.rows, most)) / lanes;
    if (longest > vectors_) {
        vectors_ = 0;  // as long as memory is missing
        tile_ = AlignedBuffer<T>(checked_product(X.columns, tile_stride<T>(longest)));
        pass_.emplace(layout_, longest);
        vectors_ = longest;
    }
    NeverInterrupted monitor;
    Pacer pacer(monitor);
    for (std::size_t first = 0; first < X.rows; first += most) {
        const std::size_t samples = std::min(most, X.rows - first);
        const Tile tile{first, samples, padded<T>(samples) / lanes};
        pack_tile(active_kernels<T>(), X, "X", tile, tile_.data(), pacer);
        pass_->predict(parameters, tile_.data(), tile.samples, {pacer});
        unpack_tile(pass_->output(), layout_.n_outputs(), tile.vectors, first, samples, nullptr,
                    predictions);
    }
}

#define DENSELOOP_INSTANTIATE(T)                                                                 \
    template void predict(const Layout&, const T*, const Inputs<T>&, T*, std::size_t, Monitor&); \
    template class Predictor<T>;
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
