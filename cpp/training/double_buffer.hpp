// The parameters and the optimizer's slots during a training, double-buffered.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "base/cost_model.hpp"
#include "base/pacer.hpp"
#include "base/readers.hpp"
#include "network/batch_trainer.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"
#include "training/update_rules.hpp"

namespace denseloop {

// An update reads one set of arrays and writes the other; they are swapped if everything written is
// finite. So an update that fails or is interrupted has changed nothing.
template <class T>
class DoubleBuffer : public Snapshot {
public:
    // The trainer must outlive this.
    DoubleBuffer(const OptimizerPlan& plan, BatchTrainer<T>& trainer)
        : plan_(plan),
          trainer_(trainer),
          n_slots_(traits(plan.method).n_slots),
          stride_(checked_sum(padded<T>(trainer.size()), vector_lanes<T>)),
          memory_(AlignedBuffer<T>::zeros(checked_product(3 + 2 * n_slots_, stride_))),
          rule_(rule_of<T>(plan)) {
        T* next = memory_.data();
        const auto take = [&] { return std::exchange(next, next + stride_); };
        gradient_ = take();
        for (ParameterSet<T>* arrays : {&now_, &next_}) {
            arrays->parameters = take();
            for (std::size_t s = 0; s < n_slots_; ++s) arrays->slots[s] = take();
        }
        const std::size_t repeatable = std::min<std::size_t>(trainer.repeatable(), most_repeated);
        repeated_losses_.resize(repeatable);
        rates_.resize(repeatable);
        beta_1_powers_.resize(repeatable);
        beta_2_powers_.resize(repeatable);
    }

    // Copies the caller's flat arrays in, and back.
    void load(const TrainingState<T>& state, std::size_t n_parameters, Pacer& pacer) {
        const bool first = !std::exchange(loaded_, true);
        if (first) make_pages(now_.parameters, pacer);
        pacer.poll(n_parameters);
        trainer_.from_flat(state.parameters, now_.parameters);
        for (std::size_t s = 0; s < n_slots_; ++s) {
            const T* const flat = state.slots + s * n_parameters;
            // The pages of fresh slots need not be made.
            if (first && is_zero(flat, n_parameters, pacer)) continue;
            if (first) make_pages(now_.slots[s], pacer);
            pacer.poll(n_parameters);
            trainer_.from_flat(flat, now_.slots[s]);
        }
    }
    void copy_to(void* flat) const override {
        trainer_.to_flat(now_.parameters, static_cast<T*>(flat));
    }
    void store(const TrainingState<T>& state, std::size_t n_parameters) const {
        copy_to(state.parameters);
        for (std::size_t s = 0; s < n_slots_; ++s) {
            trainer_.to_flat(now_.slots[s], state.slots + s * n_parameters);
        }
    }

    const T* parameters() const { return now_.parameters; }

    // Performs one update, as BatchTrainer::update does. If it returns NaN, nothing has changed.
    double update(std::size_t batch, const std::int64_t* order, double learning_rate,
                  OptimizerCounters& counters, T* outputs, const Executor& executor) {
        double beta_1_power = counters.beta_1_power, beta_2_power = counters.beta_2_power;
        prepare_updates(plan_, learning_rate, trainer_.weights().gradient_scale(batch, order),
                        counters, 1, rule_, &rule_.rate, &beta_1_power, &beta_2_power);
        const double loss =
            trainer_.update(batch, order, rule_, gradient_, now_, next_, outputs, executor);
        if (!std::isfinite(loss)) return NAN;
        std::swap(now_, next_);
        ++counters.updates;
        counters.beta_1_power = beta_1_power;
        counters.beta_2_power = beta_2_power;
        return loss;
    }

    // Performs several updates, as BatchTrainer::repeat does, of which at most repeatable() at
    // once.
    std::size_t repeatable() const { return repeated_losses_.size(); }
    std::size_t repeat(double learning_rate, OptimizerCounters& counters, double* losses,
                       std::size_t times, Pacer& pacer) {
        prepare_updates(plan_, learning_rate, trainer_.weights().gradient_scale(0, nullptr),
                        counters, times, rule_, rates_.data(), beta_1_powers_.data(),
                        beta_2_powers_.data());
        const std::size_t made = trainer_.repeat(rule_, rates_.data(), now_, next_,
                                                 repeated_losses_.data(), times, pacer);
        if (made == 0) return 0;
        if (made % 2 == 1) std::swap(now_, next_);
        counters.updates += made;
        counters.beta_1_power = beta_1_powers_[made - 1];
        counters.beta_2_power = beta_2_powers_[made - 1];
        std::copy_n(repeated_losses_.begin(), made, losses);
        return made;
    }

private:
    static constexpr std::size_t most_repeated = 1u << 10;

    // Whether all values are 0, and none of them -0.
    static bool is_zero(const T* values, std::size_t count, Pacer& pacer) {
        const auto is_plain_zero = [](T value) { return value == 0 && !std::signbit(value); };
        for (std::size_t k = 0; k < count; k += cost::longest_chunk) {
            pacer.poll(cost::longest_chunk);
            const T* const end = values + std::min(count, k + cost::longest_chunk);
            if (!std::all_of(values + k, end, is_plain_zero)) return false;
        }
        return true;
    }

    // Makes the pages of an array that is then copied as a whole, since that takes longer.
    void make_pages(T* array, Pacer& pacer) const {
        constexpr std::size_t page = 4096 / sizeof(T);
        static_assert(cost::longest_chunk % page == 0);
        for (std::size_t k = 0; k < stride_; k += page) {
            if (k % cost::longest_chunk == 0) pacer.poll(cost::longest_chunk);
            array[k] = 0;
        }
    }

    const OptimizerPlan plan_;
    BatchTrainer<T>& trainer_;
    std::size_t n_slots_, stride_;
    AlignedBuffer<T> memory_;
    bool loaded_ = false;
    T* gradient_;  // like the next two within memory_, one vector longer than size()
    ParameterSet<T> now_{}, next_{};
    UpdateRule<T> rule_;
    std::vector<T> repeated_losses_, rates_;  // for repeat()
    std::vector<double> beta_1_powers_, beta_2_powers_;
};

}  // namespace denseloop
