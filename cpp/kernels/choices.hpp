// What a user chooses by name: activations, losses, optimizers and their hyperparameters.
//
// Each kind has one table. The bindings, the checks and Python's names are made from it, so a new
// member is an enumerator and a row here, and its formula in activations.hpp, losses.hpp or
// optimizers.hpp. The switches there have no default, so a forgotten member does not compile.
#pragma once

#include <cstddef>

#include "base/compiler.hpp"

namespace denseloop {

// ---- activations

enum class Activation { sigmoid, tanh, relu, leaky_relu, identity, gelu, softmax, exp };

struct ActivationTraits {
    Activation member;
    const char* name;
    bool output_only = false;      // not for hidden layers
    bool couples_outputs = false;  // each output depends on all pre-activations
    // Whether the derivative is a function of the pre-activation z. Otherwise it is one of the
    // activation a, and z need not be kept.
    bool derivative_needs_z = false;
    const char* parameter = nullptr;  // name of its parameter, if it has one
};

constexpr ActivationTraits activation_table[] = {
    {.member = Activation::sigmoid, .name = "sigmoid"},
    {.member = Activation::tanh, .name = "tanh"},
    {.member = Activation::relu, .name = "relu"},
    {.member = Activation::leaky_relu, .name = "leaky_relu", .parameter = "slope"},
    {.member = Activation::identity, .name = "identity"},
    {.member = Activation::gelu, .name = "gelu", .derivative_needs_z = true},
    {.member = Activation::softmax,
     .name = "softmax",
     .output_only = true,
     .couples_outputs = true},
    {.member = Activation::exp, .name = "exp", .output_only = true},
};

// An activation with the value of its parameter, which is at least 0.
struct ActivationFunction {
    Activation member;
    double parameter;
};

// Where the derivative of the sigmoid is evaluated: at the pre-activation z, as in the textbook, or
// once more at the output a, s'(a) instead of s'(z), as some tutorials do.
enum class DerivativeAt { pre_activation, output };

// ---- losses

// The losses of an output a with its target y, where e = a - y. They are summed over the outputs.
enum class Loss {
    squared_error,         // e^2
    half_squared_error,    // e^2 / 2
    absolute_error,        // |e|
    huber,                 // e^2 / 2 for |e| <= delta, else delta (|e| - delta / 2)
    quantile,              // -level e for e < 0, else (1 - level) e
    binary_cross_entropy,  // -y log(a) - (1 - y) log(1 - a)
    cross_entropy,         // -y log(a)
    poisson,               // a - y log(a)
    linear                 // y a: the derivative by the output is y, which the caller computes
};

struct LossTraits {
    Loss member;
    const char* name;
    // The kernels leave out constant factors: of the value, and of the derivative.
    double value_factor = 1;
    double gradient_factor = 1;
    // If set, the loss is computed from the pre-activation of this kind of output.
    bool has_required_output = false;
    Activation required_output = Activation::identity;
    bool fits_coupled_outputs = false;  // without a required output
    // Name of its parameter, if it has one. The bound of the cross entropies limits -log(p) in the
    // value, but not in the derivative: p is kept from exp(-bound) to 1 - exp(-bound).
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
    {.member = Loss::linear, .name = "linear", .fits_coupled_outputs = true},
};

// ---- optimizers

// How an update goes from the gradient g to the next parameters p. The slots in brackets are arrays
// of the size of the parameters, 0 at first but for the step sizes.
//   gradient_descent  p - rate g
//   momentum          [v] v = momentum v - rate g;  p + v
//   nesterov          [v] the same v;  p + momentum v - rate g
//   adam              [m, v] m = beta_1 m + (1 - beta_1) g, v = beta_2 v + (1 - beta_2) g^2;
//                     p - rate m / (sqrt(v) + epsilon), where the rate has the bias correction
//   rprop             [previous g, step sizes] where g has the sign it had, the step size grows, to
//                     at most largest_step; where the sign changed it shrinks, to at least
//                     smallest_step, and g counts as 0;  p - step size sign(g)
enum class Method { gradient_descent, momentum, nesterov, adam, rprop };

struct MethodTraits {
    Method member;
    const char* name;
    std::size_t n_slots;
    bool has_adam_moments = false;  // with bias correction, and an epsilon that must not vanish
};

constexpr std::size_t max_slots = 2;

constexpr MethodTraits method_table[] = {
    {.member = Method::gradient_descent, .name = "gradient_descent", .n_slots = 0},
    {.member = Method::momentum, .name = "momentum", .n_slots = 1},
    {.member = Method::nesterov, .name = "nesterov", .n_slots = 1},
    {.member = Method::adam, .name = "adam", .n_slots = 2, .has_adam_moments = true},
    {.member = Method::rprop, .name = "rprop", .n_slots = 2},
};

// The numbers of all optimizers; each method reads its own.
template <class T>
struct Hyperparameters {
    T momentum;
    T beta_1, beta_2, epsilon;
    T increase, decrease, smallest_step, largest_step;
};

template <class T>
struct HyperparameterTraits {
    const char* name;
    T Hyperparameters<T>::* member;
    bool below_1 = false;  // each is at least 0 and finite
};

template <class T>
constexpr HyperparameterTraits<T> hyperparameter_table[] = {
    {"momentum", &Hyperparameters<T>::momentum},
    {"beta_1", &Hyperparameters<T>::beta_1, true},
    {"beta_2", &Hyperparameters<T>::beta_2, true},
    {"epsilon", &Hyperparameters<T>::epsilon},
    {"increase", &Hyperparameters<T>::increase},
    {"decrease", &Hyperparameters<T>::decrease},
    {"smallest_step", &Hyperparameters<T>::smallest_step},
    {"largest_step", &Hyperparameters<T>::largest_step},
};

// ---- the rows of a member

template <class Row, std::size_t N>
constexpr bool in_order(const Row (&table)[N]) {
    for (std::size_t k = 0; k < N; ++k) {
        if (static_cast<std::size_t>(table[k].member) != k) return false;
    }
    return true;
}
static_assert(in_order(activation_table) && in_order(loss_table) && in_order(method_table));

// Always inlined, since two targets must not share a compiled function.
DENSELOOP_ALWAYS_INLINE constexpr const ActivationTraits& traits(Activation activation) {
    return activation_table[static_cast<std::size_t>(activation)];
}
DENSELOOP_ALWAYS_INLINE constexpr const LossTraits& traits(Loss loss) {
    return loss_table[static_cast<std::size_t>(loss)];
}
DENSELOOP_ALWAYS_INLINE constexpr const MethodTraits& traits(Method method) {
    return method_table[static_cast<std::size_t>(method)];
}

}  // namespace denseloop
