// Interface: a least-squares problem of a network, half its sum of weighted squared errors and
// squared weights, as Levenberg-Marquardt takes it.
#pragma once

#include <cstddef>

#include "base/executor.hpp"
#include "network/layout.hpp"
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
