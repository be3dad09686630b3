// The activation functions. Each is a struct that every kernel uses:
//   member               its enumerator
//   of(z)                the activation
//   through(delta, x)    delta times the derivative, computed from x: the activation a = of(z), or
//                        the pre-activation z itself if its row says derivative_needs_z
// Softmax, which couples the outputs, is a function of its own.
#pragma once

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/normal_cdf.hpp"
#include "simd/sigmoid.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class A>
constexpr bool derivative_needs_z = traits(A::member).derivative_needs_z;

struct Sigmoid {
    static constexpr Activation member = Activation::sigmoid;

    template <class V>
    inline V of(V z) const {
        return fast_sigmoid(z);
    }
    template <class V>
    inline V through(V delta, V a) const {
        return delta * fnma(a, a, a);
    }
};

// DerivativeAt::output: s'(a) instead of s'(z).
struct SigmoidDerivativeAtOutput : Sigmoid {
    template <class V>
    inline V through(V delta, V a) const {
        return Sigmoid::through(delta, fast_sigmoid(a));
    }
};

struct Tanh {
    static constexpr Activation member = Activation::tanh;

    template <class V>
    inline V of(V z) const {
        return fast_tanh(z);
    }
    template <class V>
    inline V through(V delta, V a) const {
        return delta * fnma(a, a, constant<V>(1));
    }
};

// delta where the activation a is positive, and otherwise `elsewhere`.
template <class V>
inline V where_positive(V a, V delta, V elsewhere) {
    return where_negative(constant<V>(0) - a, delta, elsewhere);  // 0 - 0 is +0
}

struct Relu {
    static constexpr Activation member = Activation::relu;

    template <class V>
    inline V of(V z) const {
        return max(constant<V>(0), z);  // NaN where z is
    }
    template <class V>
    inline V through(V delta, V a) const {
        return where_positive(a, delta, constant<V>(0));
    }
};

// The slope is at least 0, so a > 0 exactly where z > 0.
template <class T>
struct LeakyRelu {
    static constexpr Activation member = Activation::leaky_relu;
    T slope;

    explicit LeakyRelu(double parameter) : slope(static_cast<T>(parameter)) {}

    template <class V>
    inline V of(V z) const {
        return where_negative(z, constant<V>(slope) * z, z);
    }
    template <class V>
    inline V through(V delta, V a) const {
        return where_positive(a, delta, constant<V>(slope) * delta);
    }
};

struct Identity {
    static constexpr Activation member = Activation::identity;

    template <class V>
    inline V of(V z) const {
        return z;
    }
    template <class V>
    inline V through(V delta, V) const {
        return delta;
    }
};

// z Phi(z), with the distribution function Phi of the normal distribution and its density phi; the
// derivative is Phi(z) + z phi(z). D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016.
struct Gelu {
    static constexpr Activation member = Activation::gelu;

    template <class V>
    inline V of(V z) const {
        z = bounded(z);
        return z * normal_cdf(z);
    }
    template <class V>
    inline V through(V delta, V z) const {
        z = bounded(z);
        const Normal<V> n = normal(z);
        return delta * fma(z, n.density, n.cdf);
    }

private:
    // Phi is 0 from -39 down, and 0 times an infinite z would be NaN.
    template <class V>
    static inline V bounded(V z) {
        return max(constant<V>(-64), z);
    }
};

struct Exp {
    static constexpr Activation member = Activation::exp;

    template <class V>
    inline V of(V z) const {
        return exp(z);
    }
    template <class V>
    inline V through(V delta, V a) const {
        return delta * a;
    }
};

// Calls f(activation) with one of the above; softmax never comes here.
template <class T, class F>
DENSELOOP_ALWAYS_INLINE inline auto with_activation(const ActivationFunction& function,
                                                    DerivativeAt at, const F& f) {
    switch (function.member) {
        case Activation::sigmoid:
            return at == DerivativeAt::output ? f(SigmoidDerivativeAtOutput{}) : f(Sigmoid{});
        case Activation::tanh:
            return f(Tanh{});
        case Activation::relu:
            return f(Relu{});
        case Activation::leaky_relu:
            return f(LeakyRelu<T>(function.parameter));
        case Activation::identity:
            return f(Identity{});
        case Activation::gelu:
            return f(Gelu{});
        case Activation::exp:
            return f(Exp{});
        case Activation::softmax:
            break;
    }
    unreachable();
}

// exp(z) / sum(exp(z)) is exp(z - largest - log_sum).
template <class T>
struct Normalizer {
    Vec<T> largest, log_sum;
};

// One vector of samples: a (units), `stride` apart, receives exp(z - largest) / sum; a may be z.
template <class T>
inline Normalizer<T> softmax(const T* z, T* a, std::size_t units, std::size_t stride) {
    const Vec<T> limit = broadcast(ExpConstants<T>::largest);
    Vec<T> largest = load(z), smallest = largest;
    for (std::size_t j = 1; j < units; ++j) {
        largest = max(largest, load(z + j * stride));
        smallest = min(smallest, load(z + j * stride));
    }
    const bool far_out = any_negative(limit - (largest - smallest));
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        const Vec<T> below = largest - load(z + j * stride);
        Vec<T> e = near_exp_minus(below);
        if (far_out) [[unlikely]]
            e = or_far_out(limit - below, below, e);
        store(a + j * stride, e);
        total = total + e;
    }
    for (std::size_t j = 0; j < units; ++j) store(a + j * stride, load(a + j * stride) / total);
    return {largest, log_from_1(total)};
}

// Calls f(at, count) for each run of adjacent numbers of a tile: for all, or, where there are gaps
// between the rows, for those of a unit.
template <class T, class F>
DENSELOOP_ALWAYS_INLINE inline void for_each_run(std::size_t units, std::size_t vectors,
                                                 const F& f) {
    const std::size_t stride = tile_stride<T>(vectors), length = vectors * Vec<T>::lanes;
    if (stride == length) return f(0, units * length);
    for (std::size_t j = 0; j < units; ++j) f(j * stride, length);
}

// a (count) = activation of z (count); two vectors at a time hide the latency.
template <class A, class T>
DENSELOOP_ALWAYS_INLINE inline void map_activation(A activation, const T* z, T* a,
                                                   std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    std::size_t at = 0;
    for (; at + 2 * lanes <= count; at += 2 * lanes) {
        const Pair<T> result = activation.of(Pair<T>{load(z + at), load(z + at + lanes)});
        store(a + at, result.a);
        store(a + at + lanes, result.b);
    }
    if (at < count) store(a + at, activation.of(load(z + at)));
}

template <class T>
DENSELOOP_FLATTEN void activate(const ActivationFunction& function, const T* z, T* a,
                                std::size_t units, std::size_t vectors) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    if (function.member == Activation::softmax) {
        for (std::size_t at = 0; at < vectors * lanes; at += lanes)
            softmax(z + at, a + at, units, stride);
        return;
    }
    with_activation<T>(function, DerivativeAt::pre_activation, [=](auto activation) {
        for_each_run<T>(units, vectors, [=](std::size_t at, std::size_t count) {
            map_activation(activation, z + at, a + at, count);
        });
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
