// The least-squares problem of a network over samples that lie elsewhere.
#pragma once

#include <cstddef>
#include <vector>

#include "samples/remote_sums.hpp"
#include "training/least_squares.hpp"

namespace denseloop {

template <class T>
class RemoteLeastSquares : public LeastSquares<T> {
public:
    RemoteLeastSquares(const Layout& layout, RemoteSums<T>& sums, double decay)
        : decay_(layout, decay),
          sums_(sums),
          equations_(layout.n_parameters()),
          n_parameters_(layout.n_parameters()),
          triangle_(equations_.triangle_size()) {}

    double objective(const T* parameters, const Executor& executor) override {
        const double squares = executor.pacer.call_out([&] {
            return sums_.evaluate(RemoteSum::squares, 0, parameters, n_parameters_, nullptr, 0);
        });
        return (squares + decay_.squares(parameters)) / 2;
    }

    NormalEquations<T>& linearize(const T* parameters, const Executor& executor) override {
        executor.pacer.call_out([&] {
            return sums_.evaluate(RemoteSum::equations, 0, parameters, n_parameters_,
                                  triangle_.data(), triangle_.size());
        });
        equations_.load(triangle_.data());
        return equations_;
    }

private:
    WeightDecay decay_;  // of the objective: block 0 has that of the equations
    RemoteSums<T>& sums_;
    NormalEquations<T> equations_;
    std::size_t n_parameters_;
    std::vector<T> triangle_;
};

}  // namespace denseloop
