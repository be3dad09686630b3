// TEMPORARY: the tables of kernels/choices.hpp, until the core has them.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/kernel_table.hpp"
#include "training/training_loop.hpp"

namespace denseloop {
struct ActivationTraits {
    Activation member;
    const char* name;
    bool output_only = false;
    bool couples_outputs = false;
    bool derivative_needs_z = false;
    const char* parameter = nullptr;
    double default_parameter = 0;
};
constexpr ActivationTraits activation_table[] = {
    {.member = Activation::sigmoid, .name = "sigmoid"},
    {.member = Activation::tanh, .name = "tanh"},
    {.member = Activation::relu, .name = "relu"},
    {.member = Activation::identity, .name = "identity"},
    {.member = Activation::softmax,
     .name = "softmax",
     .output_only = true,
     .couples_outputs = true},
    {.member = Activation::exp, .name = "exp", .output_only = true},
};
struct ActivationFunction {
    Activation member;
    double parameter;
};
struct LossTraits {
    Loss member;
    const char* name;
    double value_factor = 1;
    double gradient_factor = 1;
    bool has_required_output = false;
    Activation required_output = Activation::identity;
    const char* parameter = nullptr;
};
constexpr LossTraits loss_table[] = {
    {.member = Loss::squared_error, .name = "squared_error", .gradient_factor = 2},
    {.member = Loss::half_squared_error, .name = "half_squared_error", .value_factor = 0.5},
    {.member = Loss::absolute_error, .name = "absolute_error"},
    {.member = Loss::huber, .name = "huber", .parameter = "delta"},
    {.member = Loss::quantile, .name = "quantile", .parameter = "level"},
    {.member = Loss::binary_cross_entropy,
     .name = "binary_cross_entropy",
     .has_required_output = true,
     .required_output = Activation::sigmoid,
     .parameter = "bound"},
    {.member = Loss::cross_entropy,
     .name = "cross_entropy",
     .has_required_output = true,
     .required_output = Activation::softmax,
     .parameter = "bound"},
    {.member = Loss::poisson,
     .name = "poisson",
     .has_required_output = true,
     .required_output = Activation::exp},
};
struct MethodTraits {
    Method member;
    const char* name;
    std::size_t n_slots;
    bool has_adam_moments = false;
};
constexpr MethodTraits method_table[] = {
    {.member = Method::gradient_descent, .name = "gradient_descent", .n_slots = 0},
    {.member = Method::momentum, .name = "momentum", .n_slots = 1},
    {.member = Method::nesterov, .name = "nesterov", .n_slots = 1},
    {.member = Method::adam, .name = "adam", .n_slots = 2, .has_adam_moments = true},
    {.member = Method::rprop, .name = "rprop", .n_slots = 2},
};
inline const MethodTraits& traits(Method m) { return method_table[static_cast<std::size_t>(m)]; }
struct HyperparameterTraits {
    const char* name;
    double OptimizerPlan::* member;
};
template <class T>
constexpr HyperparameterTraits hyperparameter_table[] = {
    {"momentum", &OptimizerPlan::momentum},
    {"beta_1", &OptimizerPlan::beta_1},
    {"beta_2", &OptimizerPlan::beta_2},
    {"epsilon", &OptimizerPlan::epsilon},
    {"increase", &OptimizerPlan::increase},
    {"decrease", &OptimizerPlan::decrease},
    {"smallest_step", &OptimizerPlan::smallest_step},
    {"largest_step", &OptimizerPlan::largest_step},
};
struct OptimizerCounters {
    std::uint64_t updates = 0;  // finished
    std::uint64_t epochs = 0;   // finished
    double learning_rate;
    double lowest_loss = std::numeric_limits<double>::infinity();
    std::uint64_t epochs_without_progress = 0;
    double beta_1_power = 1;  // beta_1^updates
    double beta_2_power = 1;  // beta_2^updates
    Counters old() const {
        return {double(updates),
                double(epochs),
                learning_rate,
                lowest_loss,
                double(epochs_without_progress),
                beta_1_power,
                beta_2_power};
    }
    void set(const Counters& c) {
        *this = {std::uint64_t(c.updates),
                 std::uint64_t(c.epochs),
                 c.rate,
                 c.lowest_loss,
                 std::uint64_t(c.without_progress),
                 c.beta_1_power,
                 c.beta_2_power};
    }
};
}  // namespace denseloop
