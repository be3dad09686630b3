// Interface: a least-squares problem of a network, half its sum of weighted squared errors and
// squared weights, as Levenberg-Marquardt takes it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/executor.hpp"
#include "network/layout.hpp"
#include "samples/tiling.hpp"
#include "training/normal_equations.hpp"

namespace denseloop {

template <class T>
class LeastSquares {
public:
    virtual ~LeastSquares() = default;

    // May be infinite or NaN. Like linearize(), throws Interrupted.
    virtual double objective(const T* parameters, const Executor& executor) = 0;

    // Returns the normal equations, valid until the next call, at the latest parameters of
    // objective().
    virtual NormalEquations<T>& linearize(const T* parameters, const Executor& executor) = 0;
};

// Returns how many of `threads` threads pay for the equations and factorizations of so many samples
// in all: the products of a tile or of the factorization must be worth a hand-over, and all
// together the start.
template <class T>
std::size_t useful_threads(const Layout& layout, std::size_t samples, double steps,
                           std::size_t threads) {
    const double p = static_cast<double>(layout.n_parameters());
    const double rows = static_cast<double>(std::min(samples, vectors_per_tile * vector_lanes<T>));
    const double all =
        static_cast<double>(samples * layout.n_outputs()) * p * p / 2 + p * p * p / 6;
    const bool gains =
        rows * p * p / 2 >= cost::layer_hand_over || p >= cost::factorization_hand_over;
    if (!gains || all * steps < cost::thread_start) return 1;
    return std::min(threads, layout.n_parameters() / cost::register_block + 1);
}

// decay / 2 times the sum of the squared weights.
class WeightDecay {
public:
    WeightDecay(const Layout& layout, double decay) : layout_(layout), decay_(decay) {}

    // Returns decay times the sum.
    template <class T>
    double squares(const T* parameters) const {
        double sum = 0;
        for_each_weight([&](std::size_t k) {
            sum += static_cast<double>(parameters[k]) * static_cast<double>(parameters[k]);
        });
        return decay_ * sum;
    }

    template <class T>
    void add_to(NormalEquations<T>& equations, const T* parameters) const {
        const T decay = static_cast<T>(decay_);
        for_each_weight([&](std::size_t k) { equations.add(k, decay, decay * parameters[k]); });
    }

private:
    template <class F>
    void for_each_weight(const F& f) const {
        if (decay_ == 0) return;
        for (const Layer& layer : layout_.layers()) {
            for (std::size_t k = layer.weights; k < layer.bias; ++k) f(k);
        }
    }

    const Layout& layout_;
    double decay_;
};

}  // namespace denseloop
