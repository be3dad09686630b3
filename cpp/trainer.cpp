#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "aligned_buffer.hpp"
#include "fp_environment.hpp"
#include "network_pass.hpp"

namespace denseloop {
namespace {

// The factors that the kernels leave out.
double loss_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::half_squared_error ? 0.5 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

double gradient_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::squared_error ? 2.0 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

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

// The data in tiles, with one workspace that all tiles share or with one for each, whose
// activations and deltas then last until the next forward().
template <class T>
class TiledBatch {
public:
    TiledBatch(const Layout& layout, const Objective& objective, const MatrixView<T>& X,
               const MatrixView<T>& y, bool shared_workspace, Pacer& pacer)
        : objective_(objective),
          n_layers_(layout.layers().size()),
          tiling_{X.rows},
          pacer_(pacer),
          inputs_(X, "X", tiling_, pacer),
          targets_(y, "y", tiling_, pacer) {
        require_fitting_loss(layout, objective);
        const std::size_t passes = shared_workspace ? 1 : tiling_.count();
        passes_.reserve(passes);
        for (std::size_t k = 0; k < passes; ++k) {
            passes_.emplace_back(layout, tiling_.vectors_in(k));
        }
    }

    const Tiling<T>& tiling() const { return tiling_; }
    NetworkPass<T>& pass(std::size_t tile) { return passes_[passes_.size() == 1 ? 0 : tile]; }

    double forward(const T* parameters, std::size_t tile) {
        return static_cast<double>(pass(tile).forward(
            objective_.loss, objective_.derivative_at, parameters, inputs_.tile(tile),
            targets_.tile(tile), tiling_.vectors_in(tile), tiling_.samples_in(tile), pacer_));
    }

    // All layers' gradients, added to those of the tiles before.
    void backward(const T* parameters, std::size_t tile, T* gradient) {
        for (std::size_t k = n_layers_; k-- > 0;) {
            pass(tile).layer_gradient(k, gradient, tile > 0, pacer_);
            if (k > 0) pass(tile).propagate(k, parameters, pacer_);
        }
    }

private:
    Objective objective_;
    std::size_t n_layers_;
    Tiling<T> tiling_;
    Pacer& pacer_;
    PackedSamples<T> inputs_, targets_;
    std::vector<NetworkPass<T>> passes_;
};

// One training: epoch() makes one update, or none.
template <class T>
class Descent {
public:
    Descent(const Layout& layout, const TrainingPlan& plan, T* parameters, const MatrixView<T>& X,
            const MatrixView<T>& y, T* outputs, Pacer& pacer)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          output_first_(plan.update_order == UpdateOrder::output_first),
          step_(static_cast<T>(plan.learning_rate * gradient_scale(plan.objective, X.rows))),
          loss_scale_(loss_scale(plan.objective, X.rows)),
          parameters_(parameters),
          outputs_(outputs),
          pacer_(pacer),
          batch_(layout, plan.objective, X, y, !output_first_, pacer),
          gradient_(layout.n_parameters()) {}

    // Whether the update was made; `loss` is the one before it. Where a number would not be finite
    // or the pacer throws, the parameters are as they were.
    bool epoch(double& loss) {
        updated_from_ = layout_.n_parameters();
        try {
            loss = forward_and_backward() * loss_scale_;
            if (std::isfinite(loss) && update()) return true;
        } catch (const Interrupted&) {
            undo_updates();
            throw;
        }
        undo_updates();
        return false;
    }

private:
    // Returns the sum of the losses. With output_first only the forward half.
    double forward_and_backward() {
        double total = 0;
        for (std::size_t tile = 0; tile < batch_.tiling().count(); ++tile) {
            total += batch_.forward(parameters_, tile);
            if (outputs_ != nullptr) record_outputs(tile);
            if (!output_first_) batch_.backward(parameters_, tile, gradient_.data());
        }
        return total;
    }

    // Whether all new parameters are finite.
    bool update() {
        if (!output_first_) return descend(0, layout_.n_parameters());
        // From the last layer to the first: its gradient over all tiles, its update, and the deltas
        // of the layer below, which so see the new weights.
        for (std::size_t k = layout_.layers().size(); k-- > 0;) {
            const Layer& layer = layout_.layers()[k];
            for (std::size_t tile = 0; tile < batch_.tiling().count(); ++tile) {
                batch_.pass(tile).layer_gradient(k, gradient_.data(), tile > 0, pacer_);
            }
            if (!descend(layer.weights, layer.end)) return false;
            for (std::size_t tile = 0; k > 0 && tile < batch_.tiling().count(); ++tile) {
                batch_.pass(tile).propagate(k, parameters_, pacer_);
            }
        }
        return true;
    }

    // Updates the parameters [first, last). Whether they are finite.
    bool descend(std::size_t first, std::size_t last) {
        updated_from_ = first;
        return kernels_.descend(parameters_ + first, gradient_.data() + first, last - first, step_);
    }

    // descend has left the old parameters in the gradient's place.
    void undo_updates() {
        std::copy(gradient_.data() + updated_from_, gradient_.data() + layout_.n_parameters(),
                  parameters_ + updated_from_);
    }

    void record_outputs(std::size_t tile) {
        const Tiling<T>& tiling = batch_.tiling();
        const std::size_t row = pacer_.finished_epochs() * tiling.samples + tiling.first(tile);
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
    Pacer& pacer_;
    TiledBatch<T> batch_;
    AlignedBuffer<T> gradient_;
    std::size_t updated_from_ = 0;  // in this epoch, all parameters from here on
};

}  // namespace

template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor) {
    const DefaultFpEnvironment environment;
    require_learning_rate(plan.learning_rate);
    Pacer pacer(monitor);
    try {
        Descent<T> descent(layout, plan, parameters, X, y, outputs, pacer);
        for (std::size_t epoch = 0; epoch < plan.epochs; ++epoch) {
            double loss;
            if (!descent.epoch(loss)) return {Ending::diverged, epoch};
            losses[epoch] = loss;
            pacer.finished_epoch(loss);
        }
    } catch (const Interrupted&) {
        return {Ending::interrupted, pacer.finished_epochs()};
    }
    return {Ending::completed, plan.epochs};
}

template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient,
                         Monitor& monitor) {
    const DefaultFpEnvironment environment;
    Pacer pacer(monitor);
    TiledBatch<T> batch(layout, objective, X, y, true, pacer);
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
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             Monitor& monitor) {
    if (X.rows == 0) return;
    const DefaultFpEnvironment environment;
    Pacer pacer(monitor);
    const Tiling<T> tiling{X.rows};
    const std::size_t vectors = tiling.vectors_in(0);
    NetworkPass<T> pass(layout, vectors);
    AlignedBuffer<T> input(checked_product(X.columns, vectors * vector_lanes<T>));
    for (std::size_t k = 0; k < tiling.count(); ++k) {
        pack(X, "X", tiling.first(k), tiling.samples_in(k), input.data(), tiling.vectors_in(k));
        pass.predict(parameters, input.data(), tiling.vectors_in(k), pacer);
        unpack(pass.output(), layout.n_outputs(), tiling.vectors_in(k), tiling.samples_in(k),
               predictions + tiling.first(k) * layout.n_outputs());
    }
}

#define DENSELOOP_INSTANTIATE(T)                                                                 \
    template TrainingResult train(const Layout&, const TrainingPlan&, T*, const MatrixView<T>&,  \
                                  const MatrixView<T>&, double*, T*, Monitor&);                  \
    template double loss_and_gradient(const Layout&, const Objective&, const T*,                 \
                                      const MatrixView<T>&, const MatrixView<T>&, T*, Monitor&); \
    template void predict(const Layout&, const T*, const MatrixView<T>&, T*, Monitor&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
