// The losses, with the delta of the output layer, over matrices (units, vectors, lanes).
#pragma once

#include "kernels/activations.hpp"
#include "simd/flatten.hpp"

namespace denseloop::DENSELOOP_TARGET {

// ---- losses of the error e = a - y: slope(e) is the derivative, and slope(e) * moment(e) the loss
// (twice the loss and its derivative, for the half squared error).

template <class V>
struct SquaredError {
    V slope(V e) const { return e; }
    V moment(V e, V) const { return e; }
};

// Its slope at 0 is 0.
template <class V>
struct AbsoluteError {
    V slope(V e) const { return sign(e); }
    V moment(V e, V) const { return e; }
};

// e^2 / 2 up to |e| = delta, and on along the tangent.
template <class V>
struct Huber {
    V delta;
    V slope(V e) const { return max(constant<V>(0) - delta, min(delta, e)); }
    V moment(V e, V slope) const { return fnma(constant<V>(0.5), slope, e); }
};

// level (y - a) where a is below the target y, (1 - level) (a - y) above it.
template <class V>
struct Quantile {
    V level;
    V slope(V e) const { return sign(e) * where_negative(e, level, constant<V>(1) - level); }
    V moment(V e, V) const { return e; }
};

template <class T, class F>
[[gnu::always_inline]] inline auto with_loss(const Criterion<T>& criterion, const F& f) {
    using V = Vec<T>;
    switch (criterion.loss) {
        case Loss::absolute_error:
            return f(AbsoluteError<V>{});
        case Loss::huber:
            return f(Huber<V>{broadcast(criterion.parameter)});
        case Loss::quantile:
            return f(Quantile<V>{broadcast(criterion.parameter)});
        default:
            return f(SquaredError<V>{});
    }
}

// What belongs to the samples of one vector: numbers past the last sample become 0.
template <class T>
struct SampleVector {
    const T* weight;  // or null
    std::size_t kept;

    inline Vec<T> of(Vec<T> x) const {
        if (weight != nullptr) x = x * load(weight);
        return kept < Vec<T>::lanes ? keep_first(x, kept) : x;
    }
};

template <class T>
inline SampleVector<T> sample_vector(const T* weights, std::size_t v, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t left = samples - v * lanes;
    return {weights == nullptr ? nullptr : weights + v * lanes, left < lanes ? left : lanes};
}

template <class A, class L, class T>
inline T error_delta(const L& loss, T* z, const T* target, const T* weights, T* delta,
                     std::size_t units, std::size_t vectors, std::size_t samples) {
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = (j * vectors + v) * Vec<T>::lanes;
            const Vec<T> a = A::of(load(z + at));
            const Vec<T> error = a - load(target + at), slope = loss.slope(error);
            const Vec<T> weighted = sample_vector(weights, v, samples).of(slope);
            store(z + at, a);
            store(delta + at, A::through(weighted, a));
            total = fma(weighted, loss.moment(error, slope), total);
        }
    }
    return sum(total);
}

// ---- losses of the pre-activation z, with d loss / d z = a - y: they never overflow

// Keeps the values of a cross entropy within the criterion's bounds; what is not finite stays so.
template <class V>
struct Bounds {
    V least, most;  // least is the least probability, too

    template <class T>
    explicit Bounds(const Criterion<T>& criterion)
        : least(exp_of_minus(broadcast(criterion.parameter))),
          most(broadcast(criterion.parameter)) {
        if (criterion.parameter > ExpConstants<T>::largest) least = constant<V>(0);
    }

    V of(V x) const { return max(least, min(most, x)); }
};

// a = sigmoid(z): -y log(a) - (1 - y) log(1 - a) = max(z, 0) - y z + log(1 + exp(-|z|))
struct BinaryCrossEntropy {
    using A = Sigmoid;
    template <class V>
    static inline V of(V z, V, V y) {
        return fnma(y, z, max(z, constant<V>(0))) + log_1_plus(exp_of_minus(abs(z)));
    }
};

// The same from the rounded a = 1 / (1 + exp(-z)), of targets 0 or 1. Only where a is near 1 does
// 1 - a lose digits; the bounds keep the logarithm finite there.
template <class V>
struct BoundedBinaryCrossEntropy {
    using A = Sigmoid;
    Bounds<V> bounds;
    V of(V z, V a, V y) const {
        const V one = constant<V>(1), zero = constant<V>(0),
                exact = BinaryCrossEntropy::of(z, a, y);
        const V rest = one - one / (one + exp_of_minus(max(z, zero)));
        const V of_rest = log_from_1(one / max(bounds.least, rest));
        return bounds.of(where_negative(zero - z, where_negative(zero - y, exact, of_rest), exact));
    }
};

// a = exp(z): a - y log(a)
struct Poisson {
    using A = Exp;
    template <class V>
    static inline V of(V z, V a, V y) {
        return fnma(y, z, a);
    }
};

template <class L, class T>
inline T likelihood_delta(const L& loss, T* z, const T* target, const T* weights, T* delta,
                          std::size_t units, std::size_t vectors, std::size_t samples) {
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = (j * vectors + v) * Vec<T>::lanes;
            const SampleVector<T> here = sample_vector(weights, v, samples);
            const Vec<T> before = load(z + at), y = load(target + at), a = L::A::of(before);
            store(z + at, a);
            store(delta + at, here.of(a - y));
            total = total + here.of(loss.of(before, a, y));
        }
    }
    return sum(total);
}

// -sum(y log a); d / d z = a - y where the targets sum to 1.
template <class T>
inline T cross_entropy_delta(const Bounds<Vec<T>>& bounds, T* z, const T* target, const T* weights,
                             T* delta, std::size_t units, std::size_t vectors,
                             std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = vectors * lanes;
    Vec<T> total = broadcast(T(0));
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t first = v * lanes;
        const SampleVector<T> here = sample_vector(weights, v, samples);
        for (std::size_t j = 0; j < units; ++j) {
            store(delta + first + j * stride, load(z + first + j * stride));
        }
        const Normalizer<T> normalizer = softmax(z + first, units, stride);
        for (std::size_t j = 0; j < units; ++j) {
            const std::size_t at = first + j * stride;
            const Vec<T> y = load(target + at),
                         below_largest = normalizer.largest - load(delta + at);
            total = total + here.of(y * bounds.of(below_largest + normalizer.log_sum));
            store(delta + at, here.of(load(z + at) - y));
        }
    }
    return sum(total);
}

// A function of its own, which would be too large in the kernels of few samples.
template <class T>
[[gnu::noinline]] DENSELOOP_FLATTEN T output_delta(const Criterion<T>& criterion,
                                                   Activation activation, T* z, const T* target,
                                                   const T* weights, T* delta, std::size_t units,
                                                   std::size_t vectors, std::size_t samples) {
    switch (criterion.loss) {
        case Loss::cross_entropy:
            return cross_entropy_delta(Bounds<Vec<T>>(criterion), z, target, weights, delta, units,
                                       vectors, samples);
        case Loss::binary_cross_entropy:
            if (criterion.parameter < ExpConstants<T>::largest) {
                return likelihood_delta(
                    BoundedBinaryCrossEntropy<Vec<T>>{Bounds<Vec<T>>(criterion)}, z, target,
                    weights, delta, units, vectors, samples);
            }
            return likelihood_delta(BinaryCrossEntropy{}, z, target, weights, delta, units, vectors,
                                    samples);
        case Loss::poisson:
            return likelihood_delta(Poisson{}, z, target, weights, delta, units, vectors, samples);
        default:
            return with_activation(activation, criterion.derivative_at, [&]<class A>() {
                return with_loss(criterion, [&](const auto& loss) {
                    return error_delta<A>(loss, z, target, weights, delta, units, vectors, samples);
                });
            });
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
