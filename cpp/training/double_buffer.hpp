// The parameters during a training, with the optimizer's state.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "network/batch_trainer.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

// An update reads one set of arrays and writes another; they are exchanged when all that was
// written is finite, so that an update which fails or is interrupted has changed nothing.
template <class T>
class Optimizer {
public:
    Optimizer(const OptimizerPlan& plan, Batches<T>& batches)
        : plan_(plan),
          batches_(batches),
          states_(n_states(plan.method)),
          stride_(checked_sum(padded<T>(batches.size()), vector_lanes<T>)),
          memory_(checked_product(3 + 2 * states_, stride_)) {
        std::fill_n(memory_.data(), (3 + 2 * states_) * stride_, T(0));
        T* next = memory_.data();
        const auto take = [&] { return std::exchange(next, next + stride_); };
        gradient_ = take();
        for (UpdateState<T>* arrays : {&now_, &next_}) {
            arrays->parameters = take();
            for (std::size_t s = 0; s < states_; ++s) arrays->state[s] = take();
        }
        rule_.method = plan.method;
        rule_.momentum = static_cast<T>(plan.momentum);
        rule_.beta_1 = static_cast<T>(plan.beta_1);
        rule_.beta_2 = static_cast<T>(plan.beta_2);
        rule_.epsilon = static_cast<T>(plan.epsilon);
        rule_.increase = static_cast<T>(plan.increase);
        rule_.decrease = static_cast<T>(plan.decrease);
        rule_.smallest_size = static_cast<T>(plan.smallest_step);
        rule_.largest_size = static_cast<T>(plan.largest_step);
        const std::size_t repeatable = std::min<std::size_t>(batches.repeatable(), 1u << 10);
        repeated_losses_.resize(repeatable);
        steps_.resize(repeatable);
        beta_1_powers_.resize(repeatable);
        beta_2_powers_.resize(repeatable);
    }

    // From the caller and back: parameters (n_parameters), states (2, n_parameters).
    void load(const T* parameters, const T* states, std::size_t n_parameters) {
        batches_.pack(parameters, now_.parameters);
        for (std::size_t s = 0; s < states_; ++s) {
            batches_.pack(states + s * n_parameters, now_.state[s]);
        }
    }
    void store(T* parameters, T* states, std::size_t n_parameters) const {
        batches_.unpack(now_.parameters, parameters);
        for (std::size_t s = 0; s < states_; ++s) {
            batches_.unpack(now_.state[s], states + s * n_parameters);
        }
    }

    const T* parameters() const { return now_.parameters; }

    // As Batches::update; where that is NaN nothing has changed.
    double update(std::size_t batch, const std::int64_t* order, double rate, Counters& counters,
                  T* outputs) {
        double beta_1_power = counters.beta_1_power, beta_2_power = counters.beta_2_power;
        prepare(rate, batches_.gradient_scale(batch, order), counters, 1, &rule_.step,
                &beta_1_power, &beta_2_power);
        const double loss = batches_.update(batch, order, rule_, gradient_, now_, next_, outputs);
        if (!std::isfinite(loss)) return NAN;
        std::swap(now_, next_);
        ++counters.updates;
        counters.beta_1_power = beta_1_power;
        counters.beta_2_power = beta_2_power;
        return loss;
    }

    // Batches::repeatable() and repeat().
    std::size_t repeatable() const { return repeated_losses_.size(); }
    std::size_t repeat(double rate, Counters& counters, double* losses, std::size_t times) {
        prepare(rate, batches_.gradient_scale(0, nullptr), counters, times, steps_.data(),
                beta_1_powers_.data(), beta_2_powers_.data());
        const std::size_t made =
            batches_.repeat(rule_, steps_.data(), now_, next_, repeated_losses_.data(), times);
        if (made == 0) return 0;
        if (made % 2 == 1) std::swap(now_, next_);
        counters.updates += static_cast<double>(made);
        counters.beta_1_power = beta_1_powers_[made - 1];
        counters.beta_2_power = beta_2_powers_[made - 1];
        std::copy_n(repeated_losses_.begin(), made, losses);
        return made;
    }

private:
    // The rule but for its step, which goes with the powers of beta after it to arrays (times).
    void prepare(double rate, double scale, const Counters& counters, std::size_t times, T* steps,
                 double* beta_1_powers, double* beta_2_powers) {
        double beta_1_power = counters.beta_1_power, beta_2_power = counters.beta_2_power;
        if (rule_.method != Method::adam) {
            std::fill_n(steps, times, static_cast<T>(rate * scale));
            std::fill_n(beta_1_powers, times, beta_1_power);
            std::fill_n(beta_2_powers, times, beta_2_power);
            return;
        }
        rule_.mean_share = static_cast<T>((1 - plan_.beta_1) * scale);
        rule_.square_share = static_cast<T>((1 - plan_.beta_2) * scale * scale);
        for (std::size_t k = 0; k < times; ++k) {
            beta_1_powers[k] = beta_1_power *= plan_.beta_1;
            beta_2_powers[k] = beta_2_power *= plan_.beta_2;
        }
        for (std::size_t k = 0; k < times; ++k) {
            steps[k] =
                static_cast<T>(rate * (std::sqrt(1 - beta_2_powers[k]) / (1 - beta_1_powers[k])));
        }
    }

    const OptimizerPlan plan_;
    Batches<T>& batches_;
    std::size_t states_, stride_;
    AlignedBuffer<T> memory_;
    T* gradient_;  // this and the next in memory_, size() numbers and a vector more each
    UpdateState<T> now_{}, next_{};
    UpdateRule<T> rule_{};
    // Of repeated updates.
    std::vector<T> repeated_losses_, steps_;
    std::vector<double> beta_1_powers_, beta_2_powers_;
};

}  // namespace denseloop
