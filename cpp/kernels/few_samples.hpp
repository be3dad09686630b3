// A tile of up to max_rows samples: the product of a layer, whose time is that of reading weights.
//
// The units lie along the lanes; the rows of weights are read from one end to the other, several at
// a time, and the sums wait in a first-level cache.
#pragma once

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// Units whose sums wait, and the rows of weights of a step times the samples.
constexpr std::size_t few_units = 512;
constexpr int few_products = 8;

// sums (S, few_units) += weights (K, units) of K inputs, in turn, times those of each sample. The
// inputs are a tile of one vector.
template <int S, int K, class T>
inline void add_few(const T* weights, std::size_t fan_out, std::size_t units, const T* input,
                    T* sums) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> x[S][K];
    unrolled<S>([&]<int s>() {
        unrolled<K>([&]<int k>() { x[s][k] = broadcast(input[k * Vec<T>::lanes + s]); });
    });
    const auto add = [&](std::size_t j, const auto& units_at) {
        unrolled<S>([&]<int s>() {
            Vec<T> sum = load(sums + s * few_units + j);
            unrolled<K>(
                [&]<int k>() { sum = fma(units_at(weights + k * fan_out + j), x[s][k], sum); });
            store(sums + s * few_units + j, sum);
        });
    };
    std::size_t j = 0;
    for (; j + lanes <= units; j += lanes) add(j, [](const T* p) { return load(p); });
    if (j < units) add(j, [=](const T* p) { return load_first(p, units - j); });
}

template <int S, class T>
inline void affine_few_units(const Layer& layer, Range outputs, Range inputs, const T* parameters,
                             const T* input, T* z) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t units = outputs.end - outputs.begin;
    alignas(64) T sums[S * few_units];
    for (std::size_t s = 0; s < S; ++s) {
        T* const sum = sums + s * few_units;
        for (std::size_t j = 0; j < units; ++j) {
            const std::size_t unit = outputs.begin + j;
            const T bias = layer.has_bias ? parameters[layer.bias + unit] : T(0);
            sum[j] = inputs.begin > 0 ? z[unit * lanes + s] : bias;
        }
        for (std::size_t j = units; j < padded<T>(units); ++j) sum[j] = T(0);
    }
    const T* const weights = parameters + layer.weights + outputs.begin;
    in_blocks<few_products / S>(inputs, [&]<int K>(std::size_t k) {
        add_few<S, K>(weights + k * layer.fan_out, layer.fan_out, units,
                      input + (k - inputs.begin) * Vec<T>::lanes, sums);
    });
    for (std::size_t j = 0; j < units; ++j) {
        T* const of_unit = z + (outputs.begin + j) * lanes;
        for (std::size_t s = 0; s < lanes; ++s) {
            of_unit[s] = sums[(s < S ? s : S - 1) * few_units + j];
        }
    }
}

// What affine computes, for at most max_rows samples.
template <class T>
inline void affine_few(const Layer& layer, Range outputs, Range inputs, const T* parameters,
                       const T* input, T* z, std::size_t samples) {
    static_assert(max_rows == 4);
    for (std::size_t j = outputs.begin; j < outputs.end; j += few_units) {
        const Range units{j, smaller(outputs.end, j + few_units)};
        if (samples == 1) {
            affine_few_units<1>(layer, units, inputs, parameters, input, z);
        } else if (samples == 2) {
            affine_few_units<2>(layer, units, inputs, parameters, input, z);
        } else {  // the fourth of 3 is the third again
            affine_few_units<4>(layer, units, inputs, parameters, input, z);
        }
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
