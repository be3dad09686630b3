// The numbers of the next updates, as the kernels take them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "kernels/types.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

// The rule of an optimizer, but for what changes from one update to the next.
template <class T>
UpdateRule<T> rule_of(const OptimizerPlan& plan) {
    UpdateRule<T> rule{};
    rule.method = plan.method;
    for (std::size_t k = 0; k < std::size(hyperparameter_table<T>); ++k) {
        rule.hyperparameters.*hyperparameter_table<T>[k].member =
            static_cast<T>(plan.hyperparameters.*hyperparameter_table<double>[k].member);
    }
    return rule;
}

// Prepares the rule for the next `times` updates, but for its rate: the rates and the powers of
// beta after each update go to arrays (times). `scale` is the gradient's.
template <class T>
void prepare_updates(const OptimizerPlan& plan, double learning_rate, double scale,
                     const OptimizerCounters& counters, std::size_t times, UpdateRule<T>& rule,
                     T* rates, double* beta_1_powers, double* beta_2_powers) {
    double beta_1_power = counters.beta_1_power, beta_2_power = counters.beta_2_power;
    if (!traits(plan.method).has_adam_moments) {
        std::fill_n(rates, times, static_cast<T>(learning_rate * scale));
        std::fill_n(beta_1_powers, times, beta_1_power);
        std::fill_n(beta_2_powers, times, beta_2_power);
        return;
    }
    const double beta_1 = plan.hyperparameters.beta_1, beta_2 = plan.hyperparameters.beta_2;
    rule.mean_factor = static_cast<T>((1 - beta_1) * scale);
    rule.square_factor = static_cast<T>((1 - beta_2) * scale * scale);
    for (std::size_t k = 0; k < times; ++k) {
        beta_1_powers[k] = beta_1_power *= beta_1;
        beta_2_powers[k] = beta_2_power *= beta_2;
    }
    for (std::size_t k = 0; k < times; ++k) {
        rates[k] = static_cast<T>(learning_rate *
                                  (std::sqrt(1 - beta_2_powers[k]) / (1 - beta_1_powers[k])));
    }
}

}  // namespace denseloop
