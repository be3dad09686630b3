#include "trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

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

// A long tile spreads the sum over the lanes, which each gradient ends with, over many samples; a
// short one keeps its activations in the first-level cache. Measured from 2-4-1 to 784-128-10, 16
// vectors are as good as 32 and up to a quarter faster than 8 or 4. The bits of a gradient depend
// on it.
constexpr std::size_t vectors_per_tile = 16;

// The factors that the kernels leave out.
double loss_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::half_squared_error ? 0.5 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

double gradient_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::squared_error ? 2.0 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

// The data in tiles, with one workspace that all tiles share or with one for each, whose
// activations and deltas then last until the next forward().
template <class T>
class TiledBatch {
public:
    TiledBatch(const Layout& layout, const Objective& objective, const MatrixView<T>& X,
               const MatrixView<T>& y, bool shared_workspace)
        : objective_(objective),
          n_layers_(layout.layers().size()),
          tiling_{X.rows, vectors_per_tile},
          inputs_(X, "X", tiling_),
          targets_(y, "y", tiling_) {
        const std::size_t passes = shared_workspace ? 1 : tiling_.count();
        passes_.reserve(passes);
        for (std::size_t k = 0; k < passes; ++k)
            passes_.emplace_back(layout, tiling_.vectors_in(k));
    }

    const Tiling<T>& tiling() const { return tiling_; }
    NetworkPass<T>& pass(std::size_t tile) { return passes_[passes_.size() == 1 ? 0 : tile]; }

    double forward(const T* parameters, std::size_t tile) {
        return static_cast<double>(pass(tile).forward(
            objective_.loss, objective_.derivative_at, parameters, inputs_.tile(tile),
            targets_.tile(tile), tiling_.vectors_in(tile), tiling_.samples_in(tile)));
    }

    // All layers' gradients, added to those of the tiles before.
    void backward(const T* parameters, std::size_t tile, T* gradient) {
        for (std::size_t k = n_layers_; k-- > 0;) {
            pass(tile).layer_gradient(k, gradient, tile > 0);
            if (k > 0) pass(tile).propagate(k, parameters);
        }
    }

private:
    Objective objective_;
    std::size_t n_layers_;
    Tiling<T> tiling_;
    PackedSamples<T> inputs_, targets_;
    std::vector<NetworkPass<T>> passes_;
};

// One training: epoch() makes one update, or none and says why.
template <class T>
class Descent {
public:
    Descent(const Layout& layout, const TrainingPlan& plan, T* parameters, const MatrixView<T>& X,
            const MatrixView<T>& y, T* outputs, Monitor& monitor)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          output_first_(plan.update_order == UpdateOrder::output_first),
          step_(static_cast<T>(plan.learning_rate * gradient_scale(plan.objective, X.rows))),
          loss_scale_(loss_scale(plan.objective, X.rows)),
          parameters_(parameters),
          outputs_(outputs),
          batch_(layout, plan.objective, X, y, !output_first_),
          gradient_(layout.n_parameters()),
          pacer_(monitor, checked_product(layout.n_parameters(), batch_.tiling().samples_in(0))) {}

    Ending epoch(std::size_t epoch, double& loss) {
        const Tiling<T>& tiling = batch_.tiling();
        double total = 0;
        for (std::size_t tile = 0; tile < tiling.count(); ++tile) {
            if (!pacer_.keep_going(epoch, loss)) return Ending::interrupted;
            total += batch_.forward(parameters_, tile);
            if (outputs_ != nullptr) record_outputs(epoch, tile);
            if (!output_first_) batch_.backward(parameters_, tile, gradient_.data());
        }
        if (!std::isfinite(total)) return Ending::diverged;
        const Ending ending = output_first_ ? update_layer_by_layer(epoch, loss)
                              : descend(0, layout_.n_parameters()) ? Ending::completed
                                                                   : Ending::diverged;
        if (ending == Ending::completed) loss = total * loss_scale_;
        return ending;
    }

private:
    // From the last layer to the first: its gradient over all tiles, its update, and the deltas of
    // the layer below, which so see the new weights.
    Ending update_layer_by_layer(std::size_t epoch, double last_loss) {
        const std::size_t tiles = batch_.tiling().count();
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            const Layer& layer = layout_.layers()[k];
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                if (!pacer_.keep_going(epoch, last_loss)) {
                    restore(layer.end);
                    return Ending::interrupted;
                }
                batch_.pass(tile).layer_gradient(k, gradient_.data(), tile > 0);
            }
            if (!descend(layer.weights, layer.end)) return Ending::diverged;
            if (k == 0) break;
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                if (!pacer_.keep_going(epoch, last_loss)) {
                    restore(layer.weights);
                    return Ending::interrupted;
                }
                batch_.pass(tile).propagate(k, parameters_);
            }
        }
        return Ending::completed;
    }

    // Updates the parameters [first, last). If one would not be finite, the epoch is undone.
    bool descend(std::size_t first, std::size_t last) {
        const bool finite =
            kernels_.descend(parameters_ + first, gradient_.data() + first, last - first, step_);
        if (!finite) restore(first);
        return finite;
    }

    // Undoes the updates of this epoch to the parameters from `first` on: descend has left the old
    // ones in the gradient's place.
    void restore(std::size_t first) {
        std::copy(gradient_.data() + first, gradient_.data() + layout_.n_parameters(),
                  parameters_ + first);
    }

    void record_outputs(std::size_t epoch, std::size_t tile) {
        const Tiling<T>& tiling = batch_.tiling();
        const std::size_t row = epoch * tiling.samples + tiling.first(tile);
        unpack(batch_.pass(tile).output(), layout_.n_outputs(), tiling.vectors_in(tile),
               tiling.samples_in(tile), outputs_ + row * layout_.n_outputs());
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    bool output_first_;
    T step_;
    double loss_scale_;
    T* parameters_;
    T* outputs_;
    TiledBatch<T> batch_;
    AlignedBuffer<T> gradient_;
    Pacer pacer_;
};

}  // namespace

template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor) {
    const DefaultFpEnvironment environment;
    Descent<T> descent(layout, plan, parameters, X, y, outputs, monitor);
    double loss = 0;
    for (std::size_t epoch = 0; epoch < plan.epochs; ++epoch) {
        const Ending ending = descent.epoch(epoch, loss);
        if (ending != Ending::completed) return {ending, epoch};
        losses[epoch] = loss;
    }
    return {Ending::completed, plan.epochs};
}

template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient) {
    const DefaultFpEnvironment environment;
    TiledBatch<T> batch(layout, objective, X, y, true);
    double total = 0;
    for (std::size_t tile = 0; tile < batch.tiling().count(); ++tile) {
        total += batch.forward(parameters, tile);
        batch.backward(parameters, tile, gradient);
    }
    const T scale = static_cast<T>(gradient_scale(objective, X.rows));
    for (std::size_t k = 0; k < layout.n_parameters(); ++k) gradient[k] *= scale;
    return total * loss_scale(objective, X.rows);
}

template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions) {
    const DefaultFpEnvironment environment;
    const Tiling<T> tiling{X.rows, vectors_per_tile};
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

#define DENSELOOP_INSTANTIATE(T)                                                                \
    template TrainingResult train(const Layout&, const TrainingPlan&, T*, const MatrixView<T>&, \
                                  const MatrixView<T>&, double*, T*, Monitor&);                 \
    template double loss_and_gradient(const Layout&, const Objective&, const T*,                \
                                      const MatrixView<T>&, const MatrixView<T>&, T*);          \
    template void predict(const Layout&, const T*, const MatrixView<T>&, T*);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
