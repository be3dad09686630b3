#include "network/evaluation.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"
#include "network/make_batch_trainer.hpp"

namespace denseloop {

template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const Samples<T>& samples, T* gradient, std::size_t threads,
                         Monitor& monitor) {
    return in_default_environment([&] {
        Pacer pacer(monitor);
        constexpr UpdateOrder order = UpdateOrder::simultaneous;
        const std::size_t n = samples.X.rows;
        ThreadTeam team(useful_threads(layout, Tiling<T>(n, n), order, threads, 1), pacer);
        const auto trainer =
            make_batch_trainer(layout, objective, samples, n, order, false, team.size(), pacer);
        const std::size_t size = trainer->size();
        AlignedBuffer<T> own(checked_product(2, checked_sum(size, vector_lanes<T>)));
        T* const own_parameters = own.data();
        T* const own_gradient = own.data() + padded<T>(size);
        trainer->from_flat(parameters, own_parameters);
        double loss = trainer->loss_and_gradient(0, nullptr, own_parameters, own_gradient, nullptr,
                                                 {pacer, &team});
        loss += trainer->penalize(own_parameters, own_gradient);
        trainer->to_flat(own_gradient, gradient);
        const double factor = objective.reduction_factor(trainer->weights().total(0, nullptr));
        const T scale = static_cast<T>(objective.gradient_factor() * factor);
        for (std::size_t k = 0; k < layout.n_parameters(); ++k) gradient[k] *= scale;
        return loss * (objective.value_factor() * factor);
    });
}

template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor) {
    if (X.rows == 0) return;
    if (suits_rows<T>(layout, X.rows)) {
        return FewSamples<T>(layout).predict(parameters, X, predictions);
    }
    in_default_environment([&] {
        Pacer pacer(monitor);
        const Tiling<T> tiling(X.rows, X.rows);
        const bool shared = forward_work(layout, X.rows) >= cost::thread_start;
        ThreadTeam team(shared ? std::min(threads, tiling.count()) : 1, pacer);
        std::vector<TilePass<T>> passes;
        std::vector<AlignedBuffer<T>> inputs;
        for (std::size_t k = 0; k < team.size(); ++k) {
            passes.emplace_back(layout, tiling.max_vectors());
            inputs.emplace_back(checked_product(X.columns, tile_stride<T>(tiling.max_vectors())));
        }
        const auto pack_input = [&](const Tile& tile, T* input) {
            pack_tile(active_kernels<T>(), X, "X", tile, input);
        };
        std::atomic<std::size_t> first_refused{tiling.count()};
        team.for_each(tiling.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
            const Tile& tile = tiling[k];
            TilePass<T>& pass = passes[worker.index];
            T* const input = inputs[worker.index].data();
            try {
                pack_input(tile, input);
            } catch (...) {
                std::size_t found = first_refused;
                while (k < found && !first_refused.compare_exchange_weak(found, k)) {
                }
                return;
            }
            pass.predict(parameters, input, tile.vectors, {worker.pacer});
            unpack_tile(pass.output(), layout.n_outputs(), tile.vectors, tile.first, tile.samples,
                        nullptr, predictions);
        });
        if (first_refused < tiling.count())
            pack_input(tiling[first_refused], inputs[0].data());  // throws again
    });
}

template <class T>
FewSamples<T>::FewSamples(const Layout& layout)
    : layout_(layout),
      workspace_(layout, layout.layers()),
      input_(checked_product(max_rows, layout.n_inputs())) {
    for (std::size_t samples = 1; samples <= max_rows; ++samples) {
        suits_[samples] = suits_rows<T>(layout, samples);
    }
}

template <class T>
bool FewSamples<T>::suits(std::ptrdiff_t samples) const {
    return samples > 0 && samples <= static_cast<std::ptrdiff_t>(max_rows) && suits_[samples];
}

template <class T>
void FewSamples<T>::predict(const T* parameters, const MatrixView<T>& X, T* predictions) {
    return in_default_environment([&] {
        for (std::size_t i = 0; i < X.rows; ++i) copy_row(X, "X", i, input_.data() + i * X.columns);
        active_kernels<T>().predict_rows(workspace_.pass(), parameters, input_.data(), X.rows);
        workspace_.unpack_output(X.rows, predictions);
    });
}

#define DENSELOOP_INSTANTIATE(T)                                                          \
    template double loss_and_gradient(const Layout&, const Objective&, const T*,          \
                                      const Samples<T>&, T*, std::size_t, Monitor&);      \
    template void predict(const Layout&, const T*, const MatrixView<T>&, T*, std::size_t, \
                          Monitor&);                                                      \
    template class FewSamples<T>;
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
