#include "trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "aligned_buffer.hpp"
#include "fp_environment.hpp"
#include "network_pass.hpp"

namespace denseloop {
namespace {

// Asks the monitor at most every 20 ms, and reads the clock only after about 2^17 multiply-adds, so
// that neither costs an epoch of a small network anything.
class Pacer {
public:
    Pacer(Monitor& monitor, std::size_t work_per_tile)
        : monitor_(monitor),
          tiles_per_reading_(std::max<std::size_t>(1, (1u << 17) / work_per_tile)) {}

    bool keep_going(std::size_t finished_epochs, double last_loss) {
        if (++tiles_ < tiles_per_reading_) return true;
        tiles_ = 0;
        const auto now = Clock::now();
        if (now - asked_ < std::chrono::milliseconds(20)) return true;
        asked_ = now;
        return monitor_.keep_going(finished_epochs, last_loss);
    }

private:
    using Clock = std::chrono::steady_clock;
    Monitor& monitor_;
    std::size_t tiles_per_reading_;
    std::size_t tiles_ = 0;
    Clock::time_point asked_ = Clock::now();
};

// Tiles of 16, 8 or 4 vectors: the most with which a tile's activations and deltas stay within
// 24 KiB of the first-level cache. The bits of a gradient depend on it, so it may depend on
// shapes and dtype only.
template <class T>
Tiling<T> cache_sized_tiling(const Layout& layout, std::size_t samples) {
    const std::size_t units = layout.n_inputs() + layout.n_units() + 2 * layout.max_width();
    std::size_t vectors = 16;
    while (vectors > 4 && units > 24 * 1024 / vector_bytes / vectors) vectors /= 2;
    return {samples, vectors};
}

template <class T>
Tiling<T> one_tile(std::size_t samples) {
    return {samples, (samples + vector_lanes<T> - 1) / vector_lanes<T>};
}

// The factors that the kernels leave out.
double loss_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::half_squared_error ? 0.5 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

double gradient_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::squared_error ? 2.0 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

// The data in tiles, and the pass that they share.
template <class T>
struct TiledData {
    TiledData(const Layout& layout, Tiling<T> tiles, const MatrixView<T>& X, const MatrixView<T>& y)
        : tiling(tiles),
          inputs(X, "X", tiles),
          targets(y, "y", tiles),
          pass(layout, tiles.vectors_in(0)) {}

    T forward(const Objective& objective, const T* parameters, std::size_t k) {
        return pass.forward(objective.loss, objective.derivative_at, parameters, inputs.tile(k),
                            targets.tile(k), tiling.vectors_in(k), tiling.samples_in(k));
    }

    template <class AfterGradient>
    void backward(const Objective& objective, const T* parameters, std::size_t k, T* gradient,
                  AfterGradient after_gradient) {
        pass.backward(objective.derivative_at, parameters, inputs.tile(k), gradient,
                      tiling.vectors_in(k), k > 0, after_gradient);
    }

    Tiling<T> tiling;
    PackedSamples<T> inputs, targets;
    NetworkPass<T> pass;
};

constexpr auto to_the_end = [](const Layer&) { return true; };

}  // namespace

template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor) {
    const DefaultFpEnvironment environment;
    const Kernels<T>& kernels = active_kernels<T>();
    const Objective& objective = plan.objective;
    const bool output_first = plan.update_order == UpdateOrder::output_first;
    // Updating a layer within the backward pass takes its whole gradient, so all samples at once.
    TiledData<T> data(layout,
                      output_first ? one_tile<T>(X.rows) : cache_sized_tiling<T>(layout, X.rows), X,
                      y);
    const Tiling<T>& tiling = data.tiling;
    const double scale = loss_scale(objective, X.rows);
    const T step = static_cast<T>(plan.learning_rate * gradient_scale(objective, X.rows));
    AlignedBuffer<T> gradient_buffer(layout.n_parameters());
    T* const gradient = gradient_buffer.data();

    // False, with everything as it was before this epoch's updates, if a parameter in
    // [first, last) would not be finite. Layers above `last` may have been updated before.
    const auto descend = [&](std::size_t first, std::size_t last) {
        if (kernels.descend(parameters + first, gradient + first, last - first, step)) return true;
        std::copy(gradient + first, gradient + layout.n_parameters(), parameters + first);
        return false;
    };

    Pacer pacer(monitor, checked_product(layout.n_parameters(), tiling.samples_in(0)));
    double loss = 0;
    for (std::size_t epoch = 0; epoch < plan.epochs; ++epoch) {
        double total = 0;
        for (std::size_t k = 0; k < tiling.count(); ++k) {
            if (!pacer.keep_going(epoch, loss)) return {Ending::interrupted, epoch};
            total += static_cast<double>(data.forward(objective, parameters, k));
            if (outputs != nullptr) {
                const std::size_t row = epoch * tiling.samples + tiling.first(k);
                unpack(data.pass.output(), layout.n_outputs(), tiling.vectors_in(k),
                       tiling.samples_in(k), outputs + row * layout.n_outputs());
            }
            if (!output_first) data.backward(objective, parameters, k, gradient, to_the_end);
        }
        if (!std::isfinite(total)) return {Ending::diverged, epoch};
        bool finite = true;
        if (output_first) {
            data.backward(objective, parameters, 0, gradient, [&](const Layer& layer) {
                return finite = descend(layer.weights, layer.end);
            });
        } else {
            finite = descend(0, layout.n_parameters());
        }
        if (!finite) return {Ending::diverged, epoch};
        loss = total * scale;
        losses[epoch] = loss;
    }
    return {Ending::completed, plan.epochs};
}

template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient) {
    const DefaultFpEnvironment environment;
    TiledData<T> data(layout, cache_sized_tiling<T>(layout, X.rows), X, y);
    double total = 0;
    for (std::size_t k = 0; k < data.tiling.count(); ++k) {
        total += static_cast<double>(data.forward(objective, parameters, k));
        data.backward(objective, parameters, k, gradient, to_the_end);
    }
    const T scale = static_cast<T>(gradient_scale(objective, X.rows));
    for (std::size_t k = 0; k < layout.n_parameters(); ++k) gradient[k] *= scale;
    return total * loss_scale(objective, X.rows);
}

template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions) {
    const DefaultFpEnvironment environment;
    const Tiling<T> tiling = cache_sized_tiling<T>(layout, X.rows);
    const std::size_t vectors = tiling.vectors_in(0);
    NetworkPass<T> pass(layout, vectors);
    AlignedBuffer<T> input(checked_product(X.columns, vectors * vector_lanes<T>));
    for (std::size_t k = 0; k < tiling.count(); ++k) {
        pack(X, "X", tiling.first(k), tiling.samples_in(k), input.data(), tiling.vectors_in(k));
        pass.predict(parameters, input.data(), tiling.vectors_in(k));
        unpack(pass.output(), layout.n_outputs(), tiling.vectors_in(k), tiling.samples_in(k),
               predictions + tiling.first(k) * layout.n_outputs());
    }
}

#define DENSELOOP_INSTANTIATE(T)                                                                  \
    template TrainingResult train(const Layout&, const TrainingPlan&, T*, const MatrixView<T>&,   \
                                  const MatrixView<T>&, double*, T*, Monitor&);                   \
    template double loss_and_gradient(const Layout&, const Objective&, const T*,                  \
                                      const MatrixView<T>&, const MatrixView<T>&, T*);            \
    template void predict(const Layout&, const T*, const MatrixView<T>&, T*);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
