// The losses, with the delta of the output layer, over matrices (units, vectors, lanes).
#pragma once

#include "base/compiler.hpp"
#include "kernels/activations.hpp"

namespace denseloop::DENSELOOP_TARGET {

// ---- losses of the error e = a - y
//
// slope(e) is the derivative and slope(e) * moment(e, slope) the loss, both without the factors of
// LossTraits.

template <class V>
struct SquaredError {
    V slope(V e) const { return e; }
    V moment(V e, V) const { return e; }
};

// The slope at 0 is 0.
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

// ---- losses of the pre-activation z, whose derivative by z is a - y: they never overflow
//
// of(z, a, y) is the loss, Output the activation it belongs to.

// Keeps the values of a cross entropy within the criterion's bound; what is not finite stays so.
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
    using Output = Sigmoid;
    template <class V>
    inline V of(V z, V, V y) const {
        return fnma(y, z, max(z, constant<V>(0))) + log_1_plus(exp_of_minus(abs(z)));
    }
};

// The same from the rounded a = 1 / (1 + exp(-z)), for targets 0 or 1. Only where a is near 1 does
// 1 - a lose digits; the bounds keep the logarithm finite there.
template <class V>
struct BoundedBinaryCrossEntropy {
    using Output = Sigmoid;
    Bounds<V> bounds;
    V of(V z, V a, V y) const {
        const V one = constant<V>(1), zero = constant<V>(0),
                exact = BinaryCrossEntropy{}.of(z, a, y);
        const V rest = one - one / (one + exp_of_minus(max(z, zero)));
        const V from_rest = log_from_1(one / max(bounds.least, rest));
        return bounds.of(
            where_negative(zero - z, where_negative(zero - y, exact, from_rest), exact));
    }
};

// a = exp(z): a - y log(a)
struct Poisson {
    using Output = Exp;
    template <class V>
    inline V of(V z, V a, V y) const {
        return fnma(y, z, a);
    }
};

// ---- the loops

// Weights the samples of one vector, and sets the lanes past the last sample to 0.
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

// One vector of an output: its activation, its delta, and the running sum of the losses.
template <class T>
struct OutputVector {
    Vec<T> activation, delta, total;
};

// A loss of the error, after the given activation.
template <class A, class L>
struct ErrorLoss {
    A activation;
    L loss;

    template <class T>
    inline OutputVector<T> at(Vec<T> z, Vec<T> y, SampleVector<T> samples, Vec<T> total) const {
        const Vec<T> a = activation.of(z), error = a - y, slope = loss.slope(error);
        const Vec<T> weighted = samples.of(slope);
        return {a, activation.through(weighted, derivative_needs_z<A> ? z : a),
                fma(weighted, loss.moment(error, slope), total)};
    }
};

// A loss of the pre-activation.
template <class L>
struct LikelihoodLoss {
    L loss;

    template <class T>
    inline OutputVector<T> at(Vec<T> z, Vec<T> y, SampleVector<T> samples, Vec<T> total) const {
        const Vec<T> a = typename L::Output{}.of(z);
        return {a, samples.of(a - y), total + samples.of(loss.of(z, a, y))};
    }
};

// The linear loss, whose derivative by the output is the target.
template <class A>
struct LinearLoss {
    A activation;

    template <class T>
    inline OutputVector<T> at(Vec<T> z, Vec<T> y, SampleVector<T> samples, Vec<T> total) const {
        const Vec<T> a = activation.of(z), weighted = samples.of(y);
        return {a, activation.through(weighted, derivative_needs_z<A> ? z : a),
                fma(weighted, a, total)};
    }
};

template <class L, class T>
inline T elementwise_delta(const L& loss, const OutputTile<T>& tile, T* totals) {
    Vec<T> total = load(totals);
    for (std::size_t j = 0; j < tile.units; ++j) {
        for (std::size_t v = 0; v < tile.vectors; ++v) {
            const std::size_t at = j * tile.stride + v * Vec<T>::lanes;
            const OutputVector<T> output =
                loss.at(load(tile.z + at), load(tile.target + at),
                        sample_vector(tile.weights, v, tile.samples), total);
            store(tile.a + at, output.activation);
            store(tile.delta + at, output.delta);
            total = output.total;
        }
    }
    store(totals, total);
    return sum(total);
}

// -sum(y log a); d / d z = a - y where the targets sum to 1.
template <class T>
inline T cross_entropy_delta(const Bounds<Vec<T>>& bounds, const OutputTile<T>& tile, T* totals) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const auto& [z, a, target, weights, delta, units, vectors, stride, samples] = tile;
    Vec<T> total = load(totals);
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t first = v * lanes;
        const SampleVector<T> here = sample_vector(weights, v, samples);
        for (std::size_t j = 0; j < units; ++j) {
            store(delta + first + j * stride, load(z + first + j * stride));
        }
        const Normalizer<T> normalizer = softmax(z + first, a + first, units, stride);
        for (std::size_t j = 0; j < units; ++j) {
            const std::size_t at = first + j * stride;
            const Vec<T> y = load(target + at),
                         below_largest = normalizer.largest - load(delta + at);
            total = total + here.of(y * bounds.of(below_largest + normalizer.log_sum));
            store(delta + at, here.of(load(a + at) - y));
        }
    }
    store(totals, total);
    return sum(total);
}

// The linear loss of a softmax: d / d z_j = a_j (y_j - sum(y a)).
template <class T>
inline T linear_softmax_delta(const OutputTile<T>& tile, T* totals) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const auto& [z, a, target, weights, delta, units, vectors, stride, samples] = tile;
    Vec<T> total = load(totals);
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t first = v * lanes;
        const SampleVector<T> here = sample_vector(weights, v, samples);
        softmax(z + first, a + first, units, stride);
        Vec<T> loss = broadcast(T(0));
        for (std::size_t at = first; at < first + units * stride; at += stride) {
            loss = fma(load(target + at), load(a + at), loss);
        }
        for (std::size_t at = first; at < first + units * stride; at += stride) {
            store(delta + at, here.of(load(a + at) * (load(target + at) - loss)));
        }
        total = total + here.of(loss);
    }
    store(totals, total);
    return sum(total);
}

// Kept out of line: inlined, it would bloat the row kernels.
template <class T>
DENSELOOP_NOINLINE DENSELOOP_FLATTEN T output_delta(const Criterion<T>& criterion,
                                                    const ActivationFunction& function,
                                                    const OutputTile<T>& tile, T* totals) {
    using V = Vec<T>;
    const auto elementwise = [&](const auto& loss) {
        return elementwise_delta(loss, tile, totals);
    };
    const auto likelihood = [&]<class L>(const L& loss) {
        return elementwise(LikelihoodLoss<L>{loss});
    };
    const auto error = [&]<class L>(const L& loss) {
        return with_activation<T>(function, criterion.derivative_at, [&]<class A>(A activation) {
            return elementwise(ErrorLoss<A, L>{activation, loss});
        });
    };
    switch (criterion.loss) {
        case Loss::squared_error:
        case Loss::half_squared_error:
            return error(SquaredError<V>{});
        case Loss::absolute_error:
            return error(AbsoluteError<V>{});
        case Loss::huber:
            return error(Huber<V>{broadcast(criterion.parameter)});
        case Loss::quantile:
            return error(Quantile<V>{broadcast(criterion.parameter)});
        case Loss::binary_cross_entropy:
            if (criterion.parameter < ExpConstants<T>::largest) {
                return likelihood(BoundedBinaryCrossEntropy<V>{Bounds<V>(criterion)});
            }
            return likelihood(BinaryCrossEntropy{});
        case Loss::cross_entropy:
            return cross_entropy_delta(Bounds<V>(criterion), tile, totals);
        case Loss::poisson:
            return likelihood(Poisson{});
        case Loss::linear:
            if (function.member == Activation::softmax) {
                return linear_softmax_delta(tile, totals);
            }
            return with_activation<T>(
                function, criterion.derivative_at,
                [&]<class A>(A activation) { return elementwise(LinearLoss<A>{activation}); });
    }
    unreachable();
}

}  // namespace denseloop::DENSELOOP_TARGET
