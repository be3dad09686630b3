// Sums over samples that lie elsewhere, in the place of the samples.
#pragma once

#include <cstddef>
#include <vector>

namespace denseloop {

// What is summed over a batch, each as the kernels give it and added by the BlockTree: the losses;
// these and their gradients; the squared errors; the normal equations, as NormalEquations stores
// them.
enum class RemoteSum { losses, gradients, squares, equations };

template <class T>
class RemoteSums {
public:
    virtual ~RemoteSums() = default;

    virtual std::size_t samples() const = 0;
    virtual std::size_t inputs() const = 0;
    // The total weight of each batch; none if each sample counts 1.
    virtual const std::vector<double>& batch_weights() const = 0;

    // Returns the sum of the losses or of the squares; `array` (size) receives that of the
    // gradients or the equations. May throw anything.
    virtual double evaluate(RemoteSum sum, std::size_t batch, const T* parameters,
                            std::size_t n_parameters, T* array, std::size_t size) = 0;
};

}  // namespace denseloop
