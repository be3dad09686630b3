// Activations, their derivatives and the losses, over matrices (units, vectors, lanes).
#pragma once

#include "kernel_table.hpp"
#include "scalar_fma.hpp"
#include "sigmoid.hpp"

namespace denseloop::DENSELOOP_TARGET {

// d activation / d z from the activation a = s(z).
template <DerivativeAt At, class T>
inline Vec<T> derivative(Vec<T> a) {
    if constexpr (At == DerivativeAt::output) a = fast_sigmoid(a);
    return fnma(a, a, a);
}

// Calls f.operator()<At>() for the given value.
template <class F>
[[gnu::always_inline]] inline auto with_derivative(DerivativeAt at, const F& f) {
    return at == DerivativeAt::output ? f.template operator()<DerivativeAt::output>()
                                      : f.template operator()<DerivativeAt::pre_activation>();
}

// One vector of samples: z (units) with the given stride becomes exp(z - max) / sum. Returns
// max + log(sum), the logarithm of the normalizer.
template <class T>
inline Vec<T> softmax(T* z, std::size_t units, std::size_t stride) {
    Vec<T> largest = load(z);
    for (std::size_t j = 1; j < units; ++j) largest = max(largest, load(z + j * stride));
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        const Vec<T> e = exp_of_minus(largest - load(z + j * stride));
        store(z + j * stride, e);
        total = total + e;
    }
    for (std::size_t j = 0; j < units; ++j) store(z + j * stride, load(z + j * stride) / total);
    return largest + log_from_1(total);
}

template <class T>
DENSELOOP_WHOLE void activate(Activation activation, T* z, std::size_t units, std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    if (activation == Activation::softmax) {
        for (std::size_t at = 0; at < stride; at += Vec<T>::lanes) softmax(z + at, units, stride);
    } else {
        constexpr std::size_t lanes = Vec<T>::lanes;
        std::size_t at = 0;
        for (; at + 2 * lanes <= units * stride; at += 2 * lanes) {
            const Pair<T> a = fast_sigmoid(Pair<T>{load(z + at), load(z + at + lanes)});
            store(z + at, a.a);
            store(z + at + lanes, a.b);
        }
        if (at < units * stride) store(z + at, fast_sigmoid(load(z + at)));
    }
}

// ---- loss

template <DerivativeAt At, class T>
inline T squared_error_delta(T* z, const T* target, T* delta, std::size_t units,
                             std::size_t vectors, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = (j * vectors + v) * lanes;
            const Vec<T> a = fast_sigmoid(load(z + at));
            Vec<T> error = a - load(target + at);
            if (samples < (v + 1) * lanes) error = keep_first(error, samples - v * lanes);
            store(z + at, a);
            store(delta + at, error * derivative<At>(a));
            total = fma(error, error, total);
        }
    }
    return sum(total);
}

// -sum(y log a) with log(a) = z - log(normalizer); d / d z = a - y where the targets sum to 1.
template <class T>
inline T cross_entropy_delta(T* z, const T* target, T* delta, std::size_t units,
                             std::size_t vectors, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = vectors * lanes;
    Vec<T> total = broadcast(T(0));
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t here = v * lanes;
        const std::size_t kept = samples < here + lanes ? samples - here : lanes;
        for (std::size_t j = 0; j < units; ++j) {
            store(delta + here + j * stride, load(z + here + j * stride));
        }
        const Vec<T> normalizer = softmax(z + here, units, stride);
        for (std::size_t j = 0; j < units; ++j) {
            const std::size_t at = here + j * stride;
            const Vec<T> y = load(target + at);
            total = total + keep_first(y * (normalizer - load(delta + at)), kept);
            store(delta + at, keep_first(load(z + at) - y, kept));
        }
    }
    return sum(total);
}

template <class T>
DENSELOOP_WHOLE T output_delta(Loss loss, DerivativeAt at, T* z, const T* target, T* delta,
                               std::size_t units, std::size_t vectors, std::size_t samples) {
    if (loss == Loss::cross_entropy) {
        return cross_entropy_delta(z, target, delta, units, vectors, samples);
    }
    return with_derivative(at, [&]<DerivativeAt At>() {
        return squared_error_delta<At>(z, target, delta, units, vectors, samples);
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
