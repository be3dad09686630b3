// Trains by the batches of a data set: the gradient of each, and the update from it. TileTrainer
// puts the samples along the lanes, RowTrainer, for few samples, the units.
#pragma once

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/executor.hpp"
#include "network/batch_weights.hpp"
#include "samples/samples.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
class BatchTrainer {
public:
    BatchTrainer(const Objective& objective, const Samples<T>& samples, std::size_t batch_size)
        : kernels_(active_kernels<T>()),
          objective_(objective),
          tiling_(samples.X.rows, batch_size),
          weights_(objective, samples, tiling_) {}
    virtual ~BatchTrainer() = default;
    BatchTrainer(const BatchTrainer&) = delete;
    BatchTrainer& operator=(const BatchTrainer&) = delete;

    // Parameters, gradients and optimizer slots use this class's own layout: `size()` values,
    // described by `layers()`, with padding kept at 0. Buffers extend one vector past `size()`.
    virtual const std::vector<Layer>& layers() const = 0;
    virtual std::size_t size() const = 0;
    virtual void from_flat(const T* flat, T* own) const = 0;
    virtual void to_flat(const T* own, T* flat) const = 0;

    // Returns the sum over the batch of the weighted losses, as Kernels::output_delta gives them,
    // and stores its gradient, and the predictions in `outputs` (n_samples, n_outputs) unless that
    // is null. `order` has all samples of the epoch, or is null for 0, 1, ...
    virtual double loss_and_gradient(std::size_t batch, const std::int64_t* order,
                                     const T* parameters, T* gradient, T* outputs,
                                     const Executor& executor) = 0;

    // Returns the same sum alone; `scratch` is as large as a gradient.
    virtual double loss(std::size_t batch, const std::int64_t* order, const T* parameters,
                        T* scratch, const Executor& executor) {
        return loss_and_gradient(batch, order, parameters, scratch, nullptr, executor);
    }

    // Performs one update from a batch; `gradient` is scratch memory. Returns the objective before
    // it, in units of Objective::value_factor and without the factor of the reduction; NaN if
    // something that was written to `to` is not finite.
    virtual double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                          T* gradient, const ParameterSet<T>& from, const ParameterSet<T>& to,
                          T* outputs, const Executor& executor) = 0;

    // How many updates from the only batch, in the order of its samples, repeat() performs at once;
    // 0 if it is not available.
    virtual std::size_t repeatable() const { return 0; }

    // Performs `times` updates with rates (times) instead of the rule's; `from` and `to` take turns
    // to be read and written. losses (times) as update() returns them. Returns how many were made
    // before one that was not finite.
    virtual std::size_t repeat(const UpdateRule<T>&, const T* /*rates*/, const ParameterSet<T>&,
                               const ParameterSet<T>&, T* /*losses*/, std::size_t /*times*/,
                               Pacer&) {
        return 0;
    }

    // Returns the l2 penalty's part of the objective.
    double penalty(const T* parameters) const {
        if (objective_.l2 == 0) return 0;
        double squares = 0;
        for (const Layer& layer : layers()) {
            squares += static_cast<double>(
                kernels_.sum_of_squares(parameters + layer.weights, layer.fan_in * layer.stride));
        }
        return objective_.l2 / 2 / objective_.value_factor() * squares;
    }

    // Adds the l2 penalty's part of the gradient.
    void decay(const T* parameters, T* gradient) const {
        if (objective_.l2 == 0) return;
        const T factor = static_cast<T>(objective_.l2 / objective_.gradient_factor());
        for (const Layer& layer : layers()) {
            kernels_.decay(factor, parameters + layer.weights, gradient + layer.weights,
                           layer.fan_in * layer.stride);
        }
    }

    const Tiling<T>& tiling() const { return tiling_; }
    const BatchWeights<T>& weights() const { return weights_; }

protected:
    // Applies the rule to a range of the parameters, and to those after it that fill the last
    // vector. Returns whether everything written is finite.
    bool apply(const UpdateRule<T>& rule, Range range, const T* gradient,
               const ParameterSet<T>& from, const ParameterSet<T>& to,
               const Executor& executor) const {
        std::atomic<bool> finite{true};
        executor.parallel_chunks(range, [&](Range chunk) {
            if (!kernels_.update(rule, chunk, gradient, from, to)) finite = false;
        });
        return finite;
    }

    // Finishes an update whose loss and gradient are computed: the penalty, then the rule.
    double finish_update(double loss, const UpdateRule<T>& rule, T* gradient,
                         const ParameterSet<T>& from, const ParameterSet<T>& to,
                         const Executor& executor) const {
        loss += penalty(from.parameters);
        if (!std::isfinite(loss)) return NAN;
        decay(from.parameters, gradient);
        return apply(rule, {0, size()}, gradient, from, to, executor) ? loss : NAN;
    }

    const Kernels<T>& kernels_;
    const Objective objective_;
    const Tiling<T> tiling_;

private:
    const BatchWeights<T> weights_;
};

}  // namespace denseloop
