// The optimizers: each is one struct, that makes the next of one vector of parameters and state.
// Their formulas are in kernel_table.hpp.
#pragma once

#include "kernels/kernel_table.hpp"
#include "simd/flatten.hpp"
#include "simd/scalar_fma.hpp"
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
struct Numbers {
    Vec<T> parameters, state[2];
};

template <class T>
struct GradientDescent {
    static constexpr std::size_t n_states = denseloop::n_states(Method::gradient_descent);
    Vec<T> step;

    explicit GradientDescent(const UpdateRule<T>& rule) : step(broadcast(rule.step)) {}

    Numbers<T> next(const Numbers<T>& at, Vec<T> gradient) const {
        return {fnma(step, gradient, at.parameters), {}};
    }
};

template <class T, bool Nesterov>
struct Momentum {
    static constexpr std::size_t n_states = denseloop::n_states(Method::momentum);
    Vec<T> step, momentum;

    explicit Momentum(const UpdateRule<T>& rule)
        : step(broadcast(rule.step)), momentum(broadcast(rule.momentum)) {}

    Numbers<T> next(const Numbers<T>& at, Vec<T> gradient) const {
        const Vec<T> velocity = fnma(step, gradient, momentum * at.state[0]);
        const Vec<T> move = Nesterov ? fnma(step, gradient, momentum * velocity) : velocity;
        return {at.parameters + move, {velocity}};
    }
};

template <class T>
struct Adam {
    static constexpr std::size_t n_states = denseloop::n_states(Method::adam);
    Vec<T> step, beta_1, beta_2, mean_share, square_share, epsilon;

    explicit Adam(const UpdateRule<T>& rule)
        : step(broadcast(rule.step)),
          beta_1(broadcast(rule.beta_1)),
          beta_2(broadcast(rule.beta_2)),
          mean_share(broadcast(rule.mean_share)),
          square_share(broadcast(rule.square_share)),
          epsilon(broadcast(rule.epsilon)) {}

    Numbers<T> next(const Numbers<T>& at, Vec<T> gradient) const {
        const Vec<T> mean = fma(mean_share, gradient, beta_1 * at.state[0]);
        const Vec<T> square = fma(square_share * gradient, gradient, beta_2 * at.state[1]);
        const Vec<T> quotient = mean / (sqrt(square) + epsilon);
        return {fnma(step, quotient, at.parameters), {mean, square}};
    }
};

template <class T>
struct Rprop {
    static constexpr std::size_t n_states = denseloop::n_states(Method::rprop);
    Vec<T> increase, decrease, smallest, largest;

    explicit Rprop(const UpdateRule<T>& rule)
        : increase(broadcast(rule.increase)),
          decrease(broadcast(rule.decrease)),
          smallest(broadcast(rule.smallest_size)),
          largest(broadcast(rule.largest_size)) {}

    Numbers<T> next(const Numbers<T>& at, Vec<T> gradient) const {
        const Vec<T> zero = broadcast(T(0)), size = at.state[1];
        // Of signs, since a product of two gradients may vanish.
        const Vec<T> agreement = sign(gradient) * sign(at.state[0]);
        const auto by_agreement = [&](Vec<T> changed, Vec<T> same, Vec<T> either_zero) {
            return where_negative(agreement + zero, changed,
                                  where_negative(zero - agreement, same, either_zero));
        };
        const Vec<T> next_size =
            by_agreement(max(smallest, size * decrease), min(largest, size * increase), size);
        // Not plain 0, which would hide a gradient that is not finite.
        const Vec<T> counted = by_agreement(gradient * zero, gradient, gradient);
        return {fnma(sign(counted), next_size, at.parameters), {counted, next_size}};
    }
};

// Calls f(rule) with one of the above.
template <class T, class F>
[[gnu::always_inline]] inline auto with_rule(const UpdateRule<T>& rule, const F& f) {
    switch (rule.method) {
        case Method::momentum:
            return f(Momentum<T, false>(rule));
        case Method::nesterov:
            return f(Momentum<T, true>(rule));
        case Method::adam:
            return f(Adam<T>(rule));
        case Method::rprop:
            return f(Rprop<T>(rule));
        default:
            return f(GradientDescent<T>(rule));
    }
}

// The vector of numbers at offset k. zero_if_finite gets NaN where one that is written is not.
template <class Rule, class T>
[[gnu::always_inline]] inline void update_vector(const Rule& rule, std::size_t k, Vec<T> gradient,
                                                 UpdateState<T> from, UpdateState<T> to,
                                                 Vec<T>& zero_if_finite) {
    const Vec<T> zero = broadcast(T(0));
    Numbers<T> at{load(from.parameters + k), {zero, zero}};
    for (std::size_t s = 0; s < Rule::n_states; ++s) at.state[s] = load(from.state[s] + k);
    const Numbers<T> next = rule.next(at, gradient);
    zero_if_finite = fma(next.parameters, zero, zero_if_finite);
    store(to.parameters + k, next.parameters);
    for (std::size_t s = 0; s < Rule::n_states; ++s) {
        zero_if_finite = fma(next.state[s], zero, zero_if_finite);
        store(to.state[s] + k, next.state[s]);
    }
}

template <class T>
DENSELOOP_FLATTEN bool update(const UpdateRule<T>& rule, Range range, const T* gradient,
                              const UpdateState<T>& from, const UpdateState<T>& to) {
    return with_rule(rule, [&](const auto& rule) {
        Vec<T> zero_if_finite = broadcast(T(0));
        for (std::size_t k = range.begin; k < range.end; k += Vec<T>::lanes) {
            update_vector(rule, k, load(gradient + k), from, to, zero_if_finite);
        }
        return sum(zero_if_finite) == 0;
    });
}

template <class T>
DENSELOOP_FLATTEN T penalize(T decay, const T* parameters, T* gradient, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Vec<T> factor = broadcast(decay);
    Vec<T> squares = broadcast(T(0));
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) {
        const Vec<T> w = load(parameters + k);
        squares = fma(w, w, squares);
        store(gradient + k, fma(factor, w, load(gradient + k)));
    }
    T total = sum(squares);
    for (; k < count; ++k) {
        total = scalar_fma(parameters[k], parameters[k], total);
        gradient[k] = scalar_fma(decay, parameters[k], gradient[k]);
    }
    return total;
}

}  // namespace denseloop::DENSELOOP_TARGET
