// The activation functions: each is one struct, used by every kernel.
//
// of(z) is the activation, through(delta, a) the product of a delta and the derivative, which is
// taken from the activation a = of(z).
#pragma once

#include "kernels/kernel_table.hpp"
#include "simd/flatten.hpp"
#include "simd/sigmoid.hpp"

namespace denseloop::DENSELOOP_TARGET {

struct Sigmoid {
    template <class V>
    static inline V of(V z) {
        return fast_sigmoid(z);
    }
    template <class V>
    static inline V through(V delta, V a) {
        return delta * fnma(a, a, a);
    }
};

// DerivativeAt::output, the quirk of some tutorials: s'(a) in the place of s'(z).
struct SigmoidTwice : Sigmoid {
    template <class V>
    static inline V through(V delta, V a) {
        return Sigmoid::through(delta, fast_sigmoid(a));
    }
};

struct Tanh {
    template <class V>
    static inline V of(V z) {
        return fast_tanh(z);
    }
    template <class V>
    static inline V through(V delta, V a) {
        return delta * fnma(a, a, constant<V>(1));
    }
};

struct Relu {
    template <class V>
    static inline V of(V z) {
        return max(constant<V>(0), z);  // NaN where z is
    }
    template <class V>
    static inline V through(V delta, V a) {
        const V zero = constant<V>(0);
        return where_negative(zero - a, delta, zero);  // 0 - 0 is +0
    }
};

struct Identity {
    template <class V>
    static inline V of(V z) {
        return z;
    }
    template <class V>
    static inline V through(V delta, V) {
        return delta;
    }
};

struct Exp {
    template <class V>
    static inline V of(V z) {
        return exp(z);
    }
    template <class V>
    static inline V through(V delta, V a) {
        return delta * a;
    }
};

// Calls f.operator()<A>() for one of the above; softmax, which is no function of one number, is not
// among them.
template <class F>
[[gnu::always_inline]] inline auto with_activation(Activation activation, DerivativeAt at,
                                                   const F& f) {
    switch (activation) {
        case Activation::tanh:
            return f.template operator()<Tanh>();
        case Activation::relu:
            return f.template operator()<Relu>();
        case Activation::identity:
            return f.template operator()<Identity>();
        case Activation::exp:
            return f.template operator()<Exp>();
        default:
            return at == DerivativeAt::output ? f.template operator()<SigmoidTwice>()
                                              : f.template operator()<Sigmoid>();
    }
}

// exp(z) / sum(exp(z)) is exp(z - largest - log_sum).
template <class T>
struct Normalizer {
    Vec<T> largest, log_sum;
};

// One vector of samples: z (units) with the given stride becomes exp(z - largest) / sum.
template <class T>
inline Normalizer<T> softmax(T* z, std::size_t units, std::size_t stride) {
    Vec<T> largest = load(z);
    for (std::size_t j = 1; j < units; ++j) largest = max(largest, load(z + j * stride));
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        const Vec<T> e = exp_of_minus(largest - load(z + j * stride));
        store(z + j * stride, e);
        total = total + e;
    }
    for (std::size_t j = 0; j < units; ++j) store(z + j * stride, load(z + j * stride) / total);
    return {largest, log_from_1(total)};
}

template <class T>
DENSELOOP_FLATTEN void activate(Activation activation, T* z, std::size_t units,
                                std::size_t vectors) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = vectors * lanes;
    if (activation == Activation::softmax) {
        for (std::size_t at = 0; at < stride; at += lanes) softmax(z + at, units, stride);
        return;
    }
    with_activation(activation, DerivativeAt::pre_activation, [&]<class A>() {
        std::size_t at = 0;
        for (; at + 2 * lanes <= units * stride; at += 2 * lanes) {
            const Pair<T> a = A::of(Pair<T>{load(z + at), load(z + at + lanes)});
            store(z + at, a.a);
            store(z + at + lanes, a.b);
        }
        if (at < units * stride) store(z + at, A::of(load(z + at)));
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
