// The public functions as the checks use them.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/fp_environment.hpp"
#include "expect.hpp"

namespace denseloop::check {

template <class T>
using Function = void (*)(const T* x, T* y, std::size_t count);

// Calls a kernel as the NumPy ufuncs do, on blocks of exactly the size, `offset` elements past an
// aligned address.
template <class T>
std::vector<T> values_of(Function<T> kernel, const std::vector<T>& x, std::size_t offset = 0,
                         bool in_place = false) {
    const DefaultFpEnvironment environment;
    std::vector<T> input(offset + x.size()), output(in_place ? 0 : offset + x.size());
    std::copy(x.begin(), x.end(), input.data() + offset);
    T* const y = in_place ? input.data() : output.data();
    kernel(input.data() + offset, y + offset, x.size());
    return {y + offset, y + offset + x.size()};
}

// Expects the same bits, and any NaN for a NaN, since CPUs differ in the NaN that they return.
template <class T>
void expect_same_values(const std::vector<T>& found, const std::vector<T>& expected,
                        const std::vector<T>& x, const std::string& name) {
    for (std::size_t k = 0; k < found.size(); ++k) {
        if (same_bits(found[k], expected[k])) continue;
        if (std::isnan(found[k]) && std::isnan(expected[k])) continue;
        throw Failure(name + "(" + shown(x[k]) + "): expected " + shown(expected[k]) + ", found " +
                      shown(found[k]));
    }
}

}  // namespace denseloop::check
