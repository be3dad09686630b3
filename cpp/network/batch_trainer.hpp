// The batches of a data set: the gradient of each, and the update from it. One class does it by
// tiles, another for few samples.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/thread_team.hpp"
#include "samples/samples.hpp"
#include "targets/dispatch.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

// X (n_samples, n_inputs), y (n_samples, n_outputs), weight (n_samples, 1)
template <class T>
struct Samples {
    MatrixView<T> X, y;
    std::optional<MatrixView<T>> weight;
};

template <class T>
class Batches {
public:
    Batches(const Objective& objective, const Samples<T>& samples, std::size_t batch_size)
        : kernels_(active_kernels<T>()),
          objective_(objective),
          tiling_(samples.X.rows, batch_size) {
        if (!samples.weight) return;
        for (std::size_t i = 0; i < samples.X.rows; ++i) {
            weights_.push_back(static_cast<double>(samples.weight->at(i, 0)));
        }
    }
    virtual ~Batches() = default;
    Batches(const Batches&) = delete;
    Batches& operator=(const Batches&) = delete;

    // The parameters lie here as the kernels want them, and gradients and the like just so: in
    // size() numbers, of which layers() tells the meaning; the others stay 0. A vector more can be
    // read and written.
    virtual const std::vector<Layer>& layers() const = 0;
    virtual std::size_t size() const = 0;
    virtual void pack(const T* flat, T* own) const = 0;
    virtual void unpack(const T* own, T* flat) const = 0;

    // The sum over the batch of the weighted losses, as Kernels::output_delta gives them, and its
    // gradient; the predictions to `outputs` (n_samples, n_outputs) if it is not null. `order` has
    // all samples of the epoch; null is 0, 1, ....
    virtual double loss_and_gradient(std::size_t batch, const std::int64_t* order,
                                     const T* parameters, T* gradient, T* outputs) = 0;

    // One update from a batch, for whose gradient there is room in `gradient`. Returns the
    // objective before it, in units of Objective::loss_factor and without the reduction's factor;
    // it is not finite if something that was written to `to` is not.
    virtual double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                          T* gradient, const UpdateState<T>& from, const UpdateState<T>& to,
                          T* outputs) {
        const double loss = loss_and_gradient(batch, order, from.parameters, gradient, outputs) +
                            penalize(from.parameters, gradient);
        return std::isfinite(loss) && apply(rule, {0, size()}, gradient, from, to) ? loss : NAN;
    }

    // How many updates from the only batch, in the order of its samples, repeat() makes at once; 0
    // if it does not.
    virtual std::size_t repeatable() const { return 0; }

    // So many updates with the given steps (times) in the place of the rule's: `from` and `to` take
    // turns to be read and written. losses (times) as update() returns them. Returns how many were
    // made before one that was not finite.
    virtual std::size_t repeat(const UpdateRule<T>&, const T*, const UpdateState<T>&,
                               const UpdateState<T>&, T*, std::size_t) {
        return 0;
    }

    // The penalty's part of the objective, and of the gradient.
    double penalize(const T* parameters, T* gradient) const {
        if (objective_.l2 == 0) return 0;
        const T decay = static_cast<T>(objective_.l2 / objective_.gradient_factor());
        double squares = 0;
        for (const Layer& layer : layers()) {
            squares += static_cast<double>(kernels_.penalize(decay, parameters + layer.weights,
                                                             gradient + layer.weights,
                                                             layer.fan_in * layer.stride));
        }
        return objective_.l2 / 2 / objective_.loss_factor() * squares;
    }

    // Who computes until the next call.
    void employ(ThreadTeam& team, Pacer& pacer) {
        team_ = &team;
        pacer_ = &pacer;
    }

    const Objective& objective() const { return objective_; }
    const Tiling<T>& tiling() const { return tiling_; }
    const Layer& last_layer() const { return layers().back(); }

    // The weight of a batch's samples, their number if they have none.
    double weight_of(std::size_t batch, const std::int64_t* order) const {
        const std::size_t samples = tiling_.samples_in_batch(batch);
        if (weights_.empty()) return static_cast<double>(samples);
        const std::size_t first = tiling_.first_of(batch);
        double total = 0;
        for (std::size_t i = first; i < first + samples; ++i) {
            total += weights_[order ? static_cast<std::size_t>(order[i]) : i];
        }
        return total;
    }

    // The factor of the sum over a batch, as the kernels give it, in its gradient.
    double gradient_scale(std::size_t batch, const std::int64_t* order) const {
        return objective_.gradient_factor() * objective_.reduction_factor(weight_of(batch, order));
    }

    // How much of a batch's sum counts in the sum of the epoch. A mean counts with the number of
    // its samples, whatever their weights.
    double share_of(std::size_t batch, const std::int64_t* order) const {
        if (weights_.empty() || objective_.reduction == Reduction::sum) return 1;
        return static_cast<double>(tiling_.samples_in_batch(batch)) *
               objective_.reduction_factor(weight_of(batch, order));
    }

protected:
    // The rule on [range.begin, range.end) and what fills the last vector. Whether all is finite.
    bool apply(const UpdateRule<T>& rule, Range range, const T* gradient,
               const UpdateState<T>& from, const UpdateState<T>& to) {
        std::atomic<bool> finite{true};
        in_chunks(range, [&](Range chunk) {
            if (!kernels_.update(rule, chunk, gradient, from, to)) finite = false;
        });
        return finite;
    }

    // Calls f(chunk) for whole vectors of the range, by all threads if that gains.
    template <class F>
    void in_chunks(Range range, const F& f) {
        constexpr std::size_t size = 1u << 13;
        const std::size_t length = range.end - range.begin;
        if (team_->size() == 1 || length < 2 * size) return f(range);
        team_->for_each((length + size - 1) / size, [&](std::size_t item, ThreadTeam::Worker&) {
            const std::size_t begin = range.begin + item * size;
            f(Range{begin, std::min(range.end, begin + size)});
        });
    }

    // The predictions of samples [first, first + count) of the epoch.
    void record(const T* tile, std::size_t vectors, std::size_t first, std::size_t count,
                const std::int64_t* order, T* outputs) const {
        if (outputs == nullptr) return;
        const std::size_t columns = last_layer().fan_out;
        if (order == nullptr) {
            unpack_rows(tile, columns, vectors, count, outputs + first * columns);
        } else {
            unpack_rows(tile, columns, vectors, count, outputs, order + first);
        }
    }

    const Kernels<T>& kernels_;
    const Objective objective_;
    const Tiling<T> tiling_;
    ThreadTeam* team_ = nullptr;
    Pacer* pacer_ = nullptr;

private:
    std::vector<double> weights_;  // of the samples, if they have any
};

}  // namespace denseloop
