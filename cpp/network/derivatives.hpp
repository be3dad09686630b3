// The derivatives of the outputs for single samples. No Python type, no global state.
#pragma once

#include <cstddef>

#include "base/pacer.hpp"
#include "network/layout.hpp"
#include "samples/inputs.hpp"

namespace denseloop {

// What the outputs are differentiated by.
enum class Variables { inputs, parameters };

// outputs (n_samples, n_outputs); jacobian (n_samples, n_outputs, n_inputs or n_parameters), in the
// order of the flat parameters. X, the threads and the exceptions are those of predict(), and so
// are the outputs.
template <class T>
void differentiate(const Layout& layout, const T* parameters, const Inputs<T>& X,
                   Variables variables, T* outputs, T* jacobian, std::size_t threads,
                   Monitor& monitor);

}  // namespace denseloop
