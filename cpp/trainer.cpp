#include "trainer.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "aligned_buffer.hpp"
#include "fp_environment.hpp"
#include "row_descent.hpp"
#include "thread_team.hpp"
#include "tile_descent.hpp"

namespace denseloop {
namespace {

void require_fitting_loss(const Layout& layout, const Objective& objective) {
    const bool softmax = layout.layers().back().activation == Activation::softmax;
    if (softmax != (objective.loss == Loss::cross_entropy)) {
        throw std::invalid_argument("cross-entropy and a softmax output go together");
    }
}

void require_learning_rate(double rate) {
    if (!(rate >= 0 && std::isfinite(rate))) {
        throw std::invalid_argument("learning rate must be at least 0 and finite, got " +
                                    std::to_string(rate));
    }
}

// How many threads are worth their start, some tens of microseconds, for a call with so many
// multiply-adds, of which each hand-over has so many tiles.
std::size_t useful_threads(std::size_t allowed, Sharing sharing, std::size_t tiles,
                           const Layout& layout, double work) {
    if (sharing == Sharing::nothing || work < 1u << 23) return 1;
    const std::size_t register_blocks = std::max(layout.max_width(), layout.n_inputs()) / 8 + 1;
    return std::min(allowed, sharing == Sharing::tiles ? tiles : register_blocks);
}

// Few samples give a gradient by the kernels of few samples, as in training.
template <class T>
double row_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                    const MatrixView<T>& X, const MatrixView<T>& y, T* gradient, Pacer& pacer) {
    const RowBatches<T> batch(layout, X, y, X.rows, pacer);
    const PaddedLayers<T>& layers = batch.padded_layers();
    AlignedBuffer<T> padded_parameters(layers.size()), zero(layers.size()), result(layers.size());
    layers.pack(parameters, padded_parameters.data());
    std::fill_n(zero.data(), layers.size(), T(0));
    bool finite;
    const T loss = active_kernels<T>().descend_rows(
        batch.workspace().pass(), batch.step(objective, false, T(-1), 0), padded_parameters.data(),
        zero.data(), result.data(), finite);
    layers.unpack(result.data(), gradient);
    return static_cast<double>(loss);
}

}  // namespace

template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor) {
    return in_default_environment([&]() -> TrainingResult {
        require_learning_rate(plan.learning_rate);
        require_fitting_loss(layout, plan.objective);
        const double scale = loss_scale(plan.objective, X.rows);
        Pacer pacer(monitor);
        std::unique_ptr<Descent<T>> descent;
        try {
            const std::size_t batch = std::min(plan.batch_size, X.rows);
            const bool rows = suits_rows<T>(layout, batch);
            const Tiling<T> tiling(X.rows, batch);
            const Sharing sharing =
                rows ? Sharing::nothing
                     : sharing_for(layout, tiling, plan.update_order == UpdateOrder::simultaneous);
            const double work = update_work(layout, X.rows) * static_cast<double>(plan.epochs);
            ThreadTeam team(useful_threads(plan.threads, sharing, tiling.begin_of(1), layout, work),
                            pacer);
            if (rows) {
                descent =
                    std::make_unique<RowDescent<T>>(layout, plan, parameters, X, y, outputs, pacer);
            } else {
                descent = std::make_unique<TileDescent<T>>(layout, plan, parameters, X, y, outputs,
                                                           sharing, team, pacer);
            }
            bool going = true;
            while (going && pacer.finished_epochs() < plan.epochs) {
                double loss;
                going = descent->epoch(loss);
                if (going) {
                    losses[pacer.finished_epochs()] = loss * scale;
                    pacer.finished_epoch(loss * scale);
                }
            }
            descent->finish();
            return {going ? Ending::completed : Ending::diverged, pacer.finished_epochs()};
        } catch (const Interrupted&) {
            if (descent) descent->finish();
            return {Ending::interrupted, pacer.finished_epochs()};
        } catch (...) {
            if (descent) descent->finish();
            throw;
        }
    });
}

template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient,
                         std::size_t threads, Monitor& monitor) {
    return in_default_environment([&] {
        require_fitting_loss(layout, objective);
        Pacer pacer(monitor);
        double loss;
        if (suits_rows<T>(layout, X.rows)) {
            loss = row_gradient(layout, objective, parameters, X, y, gradient, pacer);
        } else {
            const Tiling<T> tiling(X.rows, X.rows);
            const Sharing sharing = sharing_for(layout, tiling, true);
            ThreadTeam team(useful_threads(threads, sharing, tiling.count(), layout,
                                           update_work(layout, X.rows)),
                            pacer);
            TileBatches<T> batch(layout, objective, tiling, X, y, sharing, true, team, pacer);
            loss = batch.loss_and_gradient(0, parameters, gradient, nullptr);
        }
        const T scale = static_cast<T>(gradient_scale(objective, X.rows));
        for (std::size_t k = 0; k < layout.n_parameters(); ++k) gradient[k] *= scale;
        return loss * loss_scale(objective, X.rows);
    });
}

template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor) {
    return in_default_environment([&] {
        if (X.rows == 0) return;
        if (suits_rows<T>(layout, X.rows)) {
            return FewSamples<T>(layout).predict(parameters, X, predictions);
        }
        Pacer pacer(monitor);
        const Tiling<T> tiling(X.rows, X.rows);
        const Sharing sharing = tiling.count() > 1 ? Sharing::tiles : Sharing::nothing;
        const double work = update_work(layout, X.rows) / 3;
        ThreadTeam team(useful_threads(threads, sharing, tiling.count(), layout, work), pacer);
        std::vector<NetworkPass<T>> passes;
        std::vector<AlignedBuffer<T>> inputs;
        for (std::size_t k = 0; k < team.size(); ++k) {
            passes.emplace_back(layout, tiling.max_vectors());
            inputs.emplace_back(checked_product(X.columns, tiling.max_vectors() * vector_lanes<T>));
        }
        const auto pack_tile = [&](const Tile& tile, T* input) {
            pack(X, "X", tile.first, tile.samples, input, tile.vectors);
        };
        std::atomic<std::size_t> first_refused{tiling.count()};
        team.for_each(tiling.count(), [&](std::size_t k, ThreadTeam::Worker& worker) {
            const Tile& tile = tiling[k];
            NetworkPass<T>& pass = passes[worker.index];
            T* const input = inputs[worker.index].data();
            try {
                pack_tile(tile, input);
            } catch (...) {
                std::size_t found = first_refused;
                while (k < found && !first_refused.compare_exchange_weak(found, k)) {
                }
                return;
            }
            pass.predict(parameters, input, tile.vectors, {worker.pacer, nullptr});
            unpack(pass.output(), layout.n_outputs(), tile.vectors, tile.samples,
                   predictions + tile.first * layout.n_outputs());
        });
        if (first_refused < tiling.count())
            pack_tile(tiling[first_refused], inputs[0].data());  // throws again
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
        for (std::size_t i = 0; i < X.rows; ++i) pack_row(X, "X", i, input_.data() + i * X.columns);
        active_kernels<T>().predict_rows(workspace_.pass(), parameters, input_.data(), X.rows);
        workspace_.unpack_output(X.rows, predictions);
    });
}

#define DENSELOOP_INSTANTIATE(T)                                                                   \
    template TrainingResult train(const Layout&, const TrainingPlan&, T*, const MatrixView<T>&,    \
                                  const MatrixView<T>&, double*, T*, Monitor&);                    \
    template double loss_and_gradient(const Layout&, const Objective&, const T*,                   \
                                      const MatrixView<T>&, const MatrixView<T>&, T*, std::size_t, \
                                      Monitor&);                                                   \
    template void predict(const Layout&, const T*, const MatrixView<T>&, T*, std::size_t,          \
                          Monitor&);                                                               \
    template class FewSamples<T>;
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
