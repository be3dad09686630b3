// The squared errors and normal equations of some blocks, for Levenberg-Marquardt.
#pragma once

#include <cstddef>

#include "network/layout.hpp"
#include "network/partial_sums.hpp"
#include "training/least_squares_samples.hpp"

namespace denseloop {

template <class T>
class PartialEquations : public PartialSums<T> {
public:
    // As PartialGradients. The equations of block 0 have the decay.
    PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                     std::size_t first_block, Pacer&& pacer);

    PartialSum<T> evaluate(RemoteSum sum, const T* parameters, std::size_t threads,
                           Monitor& monitor) override;

    const SampleTiles<T>* packed_inputs() const override {
        return samples_.tiles().packed_inputs();
    }
    const SampleTiles<T>* packed_targets() const override {
        return samples_.tiles().packed_targets();
    }
    const SampleTiles<T>* packed_weights() const override { return nullptr; }  // roots are kept

private:
    const Layout& layout_;
    const double decay_;
    const std::size_t first_block_;
    LeastSquaresSamples<T> samples_;
};

}  // namespace denseloop
