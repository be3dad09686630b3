// The squared errors and normal equations of some blocks, for Levenberg-Marquardt.
#pragma once

#include <cstddef>
#include <vector>

#include "network/partial_sums.hpp"
#include "training/gauss_newton.hpp"

namespace denseloop {

template <class T>
class PartialEquations : public PartialSums<T> {
public:
    // As PartialGradients. The equations of block 0 have the decay.
    PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                     std::size_t first_block, std::size_t threads, Monitor& monitor);

    std::size_t evaluate(RemoteSum sum, const T* parameters, Monitor& monitor) override;
    double number(std::size_t k) const override { return squares_[k]; }
    const T* array(std::size_t k) override { return equations_.node(k); }
    std::size_t array_size() const override { return problem_.triangle_size(); }

    const SampleTiles<T>* packed_inputs() const override { return problem_.packed_inputs(); }
    const SampleTiles<T>* packed_targets() const override { return problem_.packed_targets(); }
    const SampleTiles<T>* packed_weights() const override { return nullptr; }

private:
    PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                     std::size_t first_block, std::size_t threads, Pacer&& pacer);

    const std::size_t first_block_, threads_;
    GaussNewton<T> problem_;
    AlignedBuffer<T> bottom_;
    ArrayTree<T> equations_;
    std::vector<double> squares_;  // 0 for equations
};

}  // namespace denseloop
