// Networks of one layout that are trained side by side, one in each lane of the vectors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "base/pacer.hpp"
#include "base/readers.hpp"
#include "network/batch_weights.hpp"
#include "network/layout.hpp"
#include "network/work_sharing.hpp"
#include "targets/dispatch.hpp"
#include "training/training_loop.hpp"
#include "training/update_rules.hpp"

namespace denseloop {

// The factors of a network's only batch.
struct BatchFactors {
    double gradient, loss;  // of the kernels' sums, in the gradient and in an epoch's loss
    bool operator==(const BatchFactors&) const = default;
};

template <class T>
BatchFactors batch_factors(const TrainingPlan& plan, const Samples<T>& samples) {
    const Tiling<T> tiling(samples.X.rows, samples.X.rows);
    const BatchWeights<T> weights(plan.objective, samples, tiling);
    return {weights.gradient_scale(0, nullptr), weights.epoch_factor(0, nullptr)};
}

// Whether all epochs of a training are the same update from a few samples, so that several networks
// can go side by side.
template <class T>
bool suits_lanes(const Layout& layout, const TrainingPlan& plan, const Samples<T>& samples,
                 const Records<T>& records) {
    return samples.X.dense() && samples.loss == nullptr && plan.batch_size >= samples.X.rows &&
           suits_rows<T>(layout, samples.X.rows) &&
           layout.n_parameters() <= cost::most_lane_parameters && plan.objective.l2 == 0 &&
           !plan.stopping && !plan.shuffle_key && plan.schedule.kind == ScheduleKind::constant &&
           records.outputs == nullptr && records.validation_losses == nullptr;
}

template <class T>
class LaneGroup {
public:
    static constexpr std::size_t lanes = vector_lanes<T>;

    struct Member {
        Samples<T> samples;
        TrainingState<T> state;
        Records<T> records;
    };

    // At least one member and at most `lanes`, all of which suit lanes, have states of the same
    // counters and the same batch_factors. The lanes without a member repeat the last one.
    LaneGroup(const Layout& layout, const TrainingPlan& plan, std::vector<Member> members)
        : layout_(layout),
          plan_(plan),
          members_(std::move(members)),
          samples_(members_[0].samples.X.rows),
          factors_(batch_factors(plan, members_[0].samples)),
          counters_(members_[0].state.counters),
          n_slots_(traits(plan.optimizer.method).n_slots),
          rule_(rule_of<T>(plan.optimizer)),
          work_(3 * layout.n_parameters() * samples_ * lanes),
          at_once_(std::clamp<std::size_t>(cost::between_clock_reads / work_, 1, most_at_once)),
          memory_(AlignedBuffer<T>::zeros(memory_size())) {
        T* next = memory_.data();
        const auto take = [&](std::size_t rows) {
            return std::exchange(next, next + rows * lanes);
        };
        for (ParameterSet<T>* arrays : {&now_, &next_}) {
            arrays->parameters = take(layout.n_parameters());
            for (std::size_t s = 0; s < n_slots_; ++s) {
                arrays->slots[s] = take(layout.n_parameters());
            }
        }
        T* const input = take(layout.n_inputs() * samples_);
        T* const target = take(layout.n_outputs() * samples_);
        T* const weight = take(samples_);
        losses_ = take(at_once_);
        for (const Layer& layer : layout.layers()) {
            const std::size_t rows = layer.fan_out * samples_;
            activations_.push_back(take(rows));
            deltas_.push_back(take(rows));
            const bool needs_z = traits(layer.activation.member).derivative_needs_z;
            derivative_inputs_.push_back(needs_z ? take(rows) : activations_.back());
        }
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const Member& member = members_[std::min(lane, members_.size() - 1)];
            load_samples(member.samples, lane, input, target, weight);
            load_state(member.state, lane);
        }
        const bool output_first = plan.update_order == UpdateOrder::output_first;
        pass_ = {layout.layers().data(),
                 layout.layers().size(),
                 plan.objective.template criterion<T>(),
                 output_first,
                 samples_,
                 input,
                 target,
                 members_[0].samples.weight ? weight : nullptr,
                 activations_.data(),
                 derivative_inputs_.data(),
                 deltas_.data(),
                 active_kernels<T>().activate};
        rates_.resize(at_once_);
        beta_1_powers_.resize(at_once_);
        beta_2_powers_.resize(at_once_);
    }

    // Makes `epochs` updates. Returns how many were made before one that was not finite in some
    // lane. Throws Interrupted; finished() tells how many were made.
    std::size_t run(std::size_t epochs, Pacer& pacer) {
        while (finished_ < epochs) {
            const std::size_t times = std::min(at_once_, epochs - finished_);
            pacer.poll(times * work_);
            prepare_updates(plan_.optimizer, plan_.optimizer.learning_rate, factors_.gradient,
                            counters_, times, rule_, rates_.data(), beta_1_powers_.data(),
                            beta_2_powers_.data());
            const std::size_t made = active_kernels<T>().repeat_lanes(pass_, rule_, rates_.data(),
                                                                      now_, next_, losses_, times);
            record(made);
            if (made % 2 == 1) std::swap(now_, next_);
            if (made > 0) {
                counters_.beta_1_power = beta_1_powers_[made - 1];
                counters_.beta_2_power = beta_2_powers_[made - 1];
            }
            counters_.updates += made;
            counters_.epochs += made;
            finished_ += made;
            if (made < times) break;
        }
        return finished_;
    }
    std::size_t finished() const { return finished_; }

    // Copies the parameters of a lane to a flat array.
    void copy_parameters(std::size_t lane, T* flat) const {
        copy_lane(now_.parameters, lane, flat);
    }
    // Stores the parameters, slots and counters of a lane in its member's state.
    void store(std::size_t lane) const {
        const TrainingState<T>& state = members_[lane].state;
        copy_parameters(lane, state.parameters);
        for (std::size_t s = 0; s < n_slots_; ++s) {
            copy_lane(now_.slots[s], lane, state.slots + s * layout_.n_parameters());
        }
        state.counters = counters_;
    }

private:
    static constexpr std::size_t most_at_once = 1u << 10;

    std::size_t memory_size() const {
        const std::size_t arrays = checked_product(2 * (1 + n_slots_), layout_.n_parameters());
        const std::size_t units = layout_.n_inputs() + layout_.n_outputs() + 3 * layout_.n_units();
        const std::size_t rows = checked_sum(arrays, checked_product(units + 1, samples_));
        return checked_product(checked_sum(rows, at_once_), lanes);
    }

    void load_samples(const Samples<T>& samples, std::size_t lane, T* input, T* target,
                      T* weight) const {
        const auto load = [&](const MatrixView<T>& matrix, T* to) {
            for (std::size_t j = 0; j < matrix.columns; ++j) {
                for (std::size_t s = 0; s < samples_; ++s) {
                    to[(j * samples_ + s) * lanes + lane] = matrix.at(s, j);
                }
            }
        };
        load(*samples.X.dense(), input);
        load(samples.y, target);
        if (samples.weight) load(*samples.weight, weight);
    }

    void load_state(const TrainingState<T>& state, std::size_t lane) {
        const std::size_t n = layout_.n_parameters();
        const auto load = [&](const T* flat, T* to) {
            for (std::size_t k = 0; k < n; ++k) to[k * lanes + lane] = flat[k];
        };
        load(state.parameters, now_.parameters);
        for (std::size_t s = 0; s < n_slots_; ++s) load(state.slots + s * n, now_.slots[s]);
    }

    void copy_lane(const T* from, std::size_t lane, T* flat) const {
        for (std::size_t k = 0; k < layout_.n_parameters(); ++k) flat[k] = from[k * lanes + lane];
    }

    // Stores the losses of the next `made` epochs.
    void record(std::size_t made) {
        double scale = plan_.objective.value_factor();
        if (plan_.objective.reduction == Reduction::mean) scale /= static_cast<double>(samples_);
        for (std::size_t lane = 0; lane < members_.size(); ++lane) {
            double* const to = members_[lane].records.losses + finished_;
            for (std::size_t k = 0; k < made; ++k) {
                to[k] = static_cast<double>(losses_[k * lanes + lane]) * factors_.loss * scale;
            }
        }
    }

    const Layout& layout_;
    const TrainingPlan plan_;
    const std::vector<Member> members_;
    const std::size_t samples_;
    const BatchFactors factors_;
    OptimizerCounters counters_;
    const std::size_t n_slots_;
    UpdateRule<T> rule_;
    const std::size_t work_, at_once_;  // of an update, and updates between two polls
    AlignedBuffer<T> memory_;
    ParameterSet<T> now_{}, next_{};  // (n_parameters, lanes)
    T* losses_ = nullptr;             // (at_once_, lanes)
    std::vector<T*> activations_, derivative_inputs_, deltas_;
    LanePass<T> pass_{};
    std::vector<T> rates_;
    std::vector<double> beta_1_powers_, beta_2_powers_;
    std::size_t finished_ = 0;
};

}  // namespace denseloop
