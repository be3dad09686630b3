// Chooses the CPU target: the widest that this CPU and its operating system support, unless
// another one is forced.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernel_table.hpp"

namespace denseloop {

// The targets that can run here, slowest first.
std::vector<std::string> available_targets();

// The target in use.
const KernelTable& active_target();

// Uses another target for all calls that start afterwards. Throws std::invalid_argument for a name
// that is not available here.
void force_target(const std::string& name);

template <class T>
const Kernels<T>& active_kernels();
template <>
inline const Kernels<float>& active_kernels<float>() {
    return active_target().float32;
}
template <>
inline const Kernels<double>& active_kernels<double>() {
    return active_target().float64;
}

}  // namespace denseloop
