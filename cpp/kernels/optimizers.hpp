// The optimizers. Each is a struct whose next() computes one vector of parameters and slots from
// the gradient; kernels/choices.hpp has the formulas.
#pragma once

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/scalar_fma.hpp"
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct ParameterVector {
    Vec<T> parameters, slots[max_slots];
};

template <class T>
struct GradientDescent {
    static constexpr std::size_t n_slots = traits(Method::gradient_descent).n_slots;
    Vec<T> rate;

    explicit GradientDescent(const UpdateRule<T>& rule) : rate(broadcast(rule.rate)) {}

    ParameterVector<T> next(const ParameterVector<T>& at, Vec<T> gradient) const {
        return {fnma(rate, gradient, at.parameters), {}};
    }
};

template <class T, bool Nesterov>
struct Momentum {
    static constexpr std::size_t n_slots = traits(Method::momentum).n_slots;
    Vec<T> rate, momentum;

    explicit Momentum(const UpdateRule<T>& rule)
        : rate(broadcast(rule.rate)), momentum(broadcast(rule.hyperparameters.momentum)) {}

    ParameterVector<T> next(const ParameterVector<T>& at, Vec<T> gradient) const {
        const Vec<T> velocity = fnma(rate, gradient, momentum * at.slots[0]);
        const Vec<T> move = Nesterov ? fnma(rate, gradient, momentum * velocity) : velocity;
        return {at.parameters + move, {velocity}};
    }
};

template <class T>
struct Adam {
    static constexpr std::size_t n_slots = traits(Method::adam).n_slots;
    Vec<T> rate, beta_1, beta_2, mean_factor, square_factor, epsilon;

    explicit Adam(const UpdateRule<T>& rule)
        : rate(broadcast(rule.rate)),
          beta_1(broadcast(rule.hyperparameters.beta_1)),
          beta_2(broadcast(rule.hyperparameters.beta_2)),
          mean_factor(broadcast(rule.mean_factor)),
          square_factor(broadcast(rule.square_factor)),
          epsilon(broadcast(rule.hyperparameters.epsilon)) {}

    ParameterVector<T> next(const ParameterVector<T>& at, Vec<T> gradient) const {
        const Vec<T> mean = fma(mean_factor, gradient, beta_1 * at.slots[0]);
        const Vec<T> square = fma(square_factor * gradient, gradient, beta_2 * at.slots[1]);
        const Vec<T> quotient = mean / (sqrt(square) + epsilon);
        return {fnma(rate, quotient, at.parameters), {mean, square}};
    }
};

template <class T>
struct Rprop {
    static constexpr std::size_t n_slots = traits(Method::rprop).n_slots;
    Vec<T> increase, decrease, smallest, largest;

    explicit Rprop(const UpdateRule<T>& rule)
        : increase(broadcast(rule.hyperparameters.increase)),
          decrease(broadcast(rule.hyperparameters.decrease)),
          smallest(broadcast(rule.hyperparameters.smallest_step)),
          largest(broadcast(rule.hyperparameters.largest_step)) {}

    ParameterVector<T> next(const ParameterVector<T>& at, Vec<T> gradient) const {
        const Vec<T> zero = broadcast(T(0)), step = at.slots[1];
        // The signs are multiplied, since a product of two gradients may vanish.
        const Vec<T> agreement = sign(gradient) * sign(at.slots[0]);
        const auto by_agreement = [&](Vec<T> changed, Vec<T> same, Vec<T> either_zero) {
            return where_negative(agreement + zero, changed,
                                  where_negative(zero - agreement, same, either_zero));
        };
        const Vec<T> next_step =
            by_agreement(max(smallest, step * decrease), min(largest, step * increase), step);
        // A plain 0 would hide a gradient that is not finite.
        const Vec<T> counted = by_agreement(gradient * zero, gradient, gradient);
        return {fnma(sign(counted), next_step, at.parameters), {counted, next_step}};
    }
};

// Calls f(optimizer) with one of the above.
template <class T, class F>
DENSELOOP_ALWAYS_INLINE inline auto with_rule(const UpdateRule<T>& rule, const F& f) {
    switch (rule.method) {
        case Method::gradient_descent:
            return f(GradientDescent<T>(rule));
        case Method::momentum:
            return f(Momentum<T, false>(rule));
        case Method::nesterov:
            return f(Momentum<T, true>(rule));
        case Method::adam:
            return f(Adam<T>(rule));
        case Method::rprop:
            return f(Rprop<T>(rule));
    }
    unreachable();
}

// Updates the vector at offset k. zero_if_finite becomes NaN in lanes where a written number is not
// finite.
template <class Rule, class T>
DENSELOOP_ALWAYS_INLINE inline void update_vector(const Rule& rule, std::size_t k, Vec<T> gradient,
                                                  ParameterSet<T> from, ParameterSet<T> to,
                                                  Vec<T>& zero_if_finite) {
    const Vec<T> zero = broadcast(T(0));
    ParameterVector<T> at{load(from.parameters + k), {zero, zero}};
    for (std::size_t s = 0; s < Rule::n_slots; ++s) at.slots[s] = load(from.slots[s] + k);
    const ParameterVector<T> next = rule.next(at, gradient);
    zero_if_finite = fma(next.parameters, zero, zero_if_finite);
    store(to.parameters + k, next.parameters);
    for (std::size_t s = 0; s < Rule::n_slots; ++s) {
        zero_if_finite = fma(next.slots[s], zero, zero_if_finite);
        store(to.slots[s] + k, next.slots[s]);
    }
}

template <class T>
DENSELOOP_FLATTEN bool update(const UpdateRule<T>& rule, Range range, const T* gradient,
                              const ParameterSet<T>& from, const ParameterSet<T>& to) {
    return with_rule(rule, [&](const auto& rule) {
        Vec<T> zero_if_finite = broadcast(T(0));
        for (std::size_t k = range.begin; k < range.end; k += Vec<T>::lanes) {
            update_vector(rule, k, load(gradient + k), from, to, zero_if_finite);
        }
        return sum(zero_if_finite) == 0;
    });
}

template <class T>
DENSELOOP_FLATTEN T sum_of_squares(const T* parameters, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> squares = broadcast(T(0));
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) {
        const Vec<T> w = load(parameters + k);
        squares = fma(w, w, squares);
    }
    T total = sum(squares);
    for (; k < count; ++k) total = scalar_fma(parameters[k], parameters[k], total);
    return total;
}

template <class T>
DENSELOOP_FLATTEN void decay(T factor, const T* parameters, T* gradient, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Vec<T> factors = broadcast(factor);
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) {
        store(gradient + k, fma(factors, load(parameters + k), load(gradient + k)));
    }
    for (; k < count; ++k) gradient[k] = scalar_fma(factor, parameters[k], gradient[k]);
}

}  // namespace denseloop::DENSELOOP_TARGET
