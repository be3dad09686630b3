// Many samples: the gradient of a layer, sums over the samples along the lanes.
//
// A register block has I inputs by J outputs of sums; each step loads I + J operands for I * J
// multiply-adds.
#pragma once

#include <algorithm>
#include <cstring>

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// p[j] = or += values[j]
template <int J, class T>
inline void store_row(const T* values, T* p, bool accumulate) {
    if constexpr (J == 1) {
        *p = accumulate ? *p + *values : *values;
    } else {
        using Row = typename RegisterOf<T, J * sizeof(T)>::type;  // GCC would take each number
        Row row;
        std::memcpy(&row, values, sizeof row);
        if (accumulate) {
            Row before;
            std::memcpy(&before, p, sizeof before);
            row = before + row;
        }
        std::memcpy(p, &row, sizeof row);
    }
}

// p[i * stride + j] = sum(acc[i * J + j]), or += it if accumulate.
template <int I, int J, class T>
inline void store_sums(const Vec<T> (&acc)[I * J], T* p, std::size_t stride, bool accumulate) {
    constexpr int lanes = Vec<T>::lanes;
    static_assert(lanes % J == 0);
    unrolled<(I * J + lanes - 1) / lanes>([&]<int group_of_sums>() {
        constexpr int first = group_of_sums * (lanes / J);
        Vec<T> group[lanes];
        unrolled<lanes>([&]<int k>() { group[k] = acc[(first * J + k) % (I * J)]; });
        alignas(64) T sum[lanes];
        store(sum, sums(group));
        unrolled<std::min(lanes / J, I - first)>(
            [&]<int i>() { store_row<J>(sum + i * J, p + (first + i) * stride, accumulate); });
    });
}

// The sums of all parts of the lanes at once, which need no memory to wait in. a, b and sum start
// at the first row or sum of the block.
template <int I, int J, class T>
inline void whole_gradient_block(const T* a, std::size_t a_stride, const T* b, std::size_t b_stride,
                                 T* sum, std::size_t stride, std::size_t vectors, bool accumulate) {
    Part<T> acc[parts][I * J];
    unrolled<parts * I * J>(
        [&]<int k>() { acc[k / (I * J)][k % (I * J)] = part_of<0>(broadcast(T(0))); });
    std::size_t at = 0;
    do {
        unrolled<parts>([&]<int part>() {
            const std::size_t first = at + part * Part<T>::lanes;
            Part<T> y[J];
            unrolled<J>([&]<int j>() { y[j] = pinned(load_part(b + j * b_stride + first)); });
            unrolled<I>([&]<int i>() {
                const Part<T> x = pinned(load_part(a + i * a_stride + first));
                unrolled<J>(
                    [&]<int j>() { acc[part][i * J + j] = fma(x, y[j], acc[part][i * J + j]); });
            });
        });
        at += Vec<T>::lanes;
    } while (at < vectors * Vec<T>::lanes);
    Vec<T> total[I * J];
    unrolled<I * J>([&]<int k>() {
        total[k] = broadcast(T(0));
        unrolled<parts>([&]<int part>() { total[k] = with_part<part>(total[k], acc[part][k]); });
    });
    store_sums<I, J>(total, sum, stride, accumulate);
}

// weights starts at the first input and output of the block, input and delta at their first units.
template <int I, int J, class T>
inline void gradient_block(const T* input, std::size_t input_stride, const T* delta,
                           std::size_t delta_stride, T* weights, std::size_t fan_out,
                           std::size_t vectors, bool accumulate) {
    // One part of the lanes after the other: its sums fit in the registers, and wait in memory.
    alignas(64) T waiting[I * J * Vec<T>::lanes];
    Vec<T> total[I * J];
    // Without the attribute GCC 12 leaves this a function on Arm, whose captures are in memory.
    unrolled<parts>([&]<int part>() DENSELOOP_ALWAYS_INLINE_LAMBDA {
        constexpr std::size_t first = part * Part<T>::lanes;
        Part<T> acc[I * J];
        unrolled<I * J>([&]<int k>() { acc[k] = part_of<0>(broadcast(T(0))); });
        std::size_t at = first;
        do {
            Part<T> x[I];
            unrolled<I>([&]<int i>() { x[i] = pinned(load_part(input + i * input_stride + at)); });
            unrolled<J>([&]<int j>() {
                const Part<T> d = pinned(load_part(delta + j * delta_stride + at));
                unrolled<I>([&]<int i>() { acc[i * J + j] = fma(x[i], d, acc[i * J + j]); });
            });
            at += Vec<T>::lanes;
        } while (at < vectors * Vec<T>::lanes);
        if constexpr (part + 1 < parts) {
            unrolled<I * J>(
                [&]<int k>() { store_part(waiting + k * Vec<T>::lanes + first, acc[k]); });
        } else {
            DENSELOOP_PIN_MEMORY(waiting);  // or GCC exchanges the sums that wait for those at hand
            unrolled<I * J>([&]<int k>() {
                total[k] = with_part<part>(load(waiting + k * Vec<T>::lanes), acc[k]);
            });
        }
    });
    store_sums<I, J>(total, weights, fan_out, accumulate);
}

// Whole blocks of I rows of `a` by J rows of `b`. It is a function of its own, since GCC keeps sums
// in memory where many such blocks are inlined in one.
template <int I, int J, class T>
DENSELOOP_NOINLINE DENSELOOP_FLATTEN void gradient_blocks(Rows<T> a, Rows<T> b, T* sum,
                                                          std::size_t stride, std::size_t vectors,
                                                          bool accumulate) {
    for (std::size_t i = 0; i < a.count; i += I) {
        gradient_block<I, J>(a.first + i * a.stride, a.stride, b.first, b.stride, sum + i * stride,
                             stride, vectors, accumulate);
    }
}

// A block of whole vectors keeps this many sums. More than 16 are no faster: the tree takes them by
// vectors.
constexpr int whole_sums = std::min(16, sum_registers / parts);

// The inputs of a block with J outputs.
template <int J>
constexpr int input_block = std::min(6, sum_registers / J);

// sum[i * stride + j] = row i of a times row j of b, or += it, one part of the lanes after the
// other.
template <class T>
inline void row_products_by_parts(Rows<T> a, Rows<T> b, std::size_t vectors, T* sum,
                                  std::size_t stride, bool accumulate) {
    in_blocks<output_block>({0, b.count}, [&]<int J>(std::size_t j) {
        in_even_runs<input_block<J>>({0, a.count}, [&]<int I>(Range run) {
            gradient_blocks<I, J, T>(
                {a.first + run.begin * a.stride, run.end - run.begin, a.stride},
                {b.first + j * b.stride, J, b.stride}, sum + run.begin * stride + j, stride,
                vectors, accumulate);
        });
    });
}

// The same, all parts at once where the sums of one would be too few or too short to pay.
template <class T>
inline void row_products(Rows<T> a, Rows<T> b, std::size_t vectors, T* sum, std::size_t stride,
                         bool accumulate) {
    if constexpr (parts > 1) {
        if (vectors >= 8 && a.count * b.count >= sum_registers) {
            return row_products_by_parts(a, b, vectors, sum, stride, accumulate);
        }
    }
    in_blocks<short_output_block>({0, b.count}, [&]<int J>(std::size_t j) {
        in_blocks<whole_sums / J>({0, a.count}, [&]<int I>(std::size_t i) {
            whole_gradient_block<I, J>(a.first + i * a.stride, a.stride, b.first + j * b.stride,
                                       b.stride, sum + i * stride + j, stride, vectors, accumulate);
        });
    });
}

// As many inputs as fit in a first-level cache of 32 KiB, beside the deltas of a block and the
// sums, meet as many deltas as fit in a second-level cache.
constexpr std::size_t first_level_bytes = 20480, second_level_bytes = 393216;
inline std::size_t rows_within(std::size_t bytes, std::size_t vectors) {
    const std::size_t fitting = bytes / vector_bytes / vectors;
    return fitting > sum_registers ? fitting : sum_registers;
}

template <int J, class T>
inline void bias_gradient_block(const T* delta, T* bias, std::size_t vectors, bool accumulate) {
    const std::size_t stride = tile_stride<T>(vectors);
    Vec<T> acc[J];
    unrolled<J>([&]<int j>() { acc[j] = broadcast(T(0)); });
    for (std::size_t at = 0; at < vectors * Vec<T>::lanes; at += Vec<T>::lanes) {
        unrolled<J>([&]<int j>() { acc[j] = acc[j] + load(delta + j * stride + at); });
    }
    store_sums<1, J>(acc, bias, J, accumulate);
}

template <class T>
DENSELOOP_FLATTEN void layer_gradient(const Layer& layer, Range inputs, const T* input,
                                      const T* delta, T* gradient, std::size_t samples,
                                      bool accumulate) {
    const std::size_t vectors = (samples + Vec<T>::lanes - 1) / Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    const std::size_t inputs_at_once = rows_within(first_level_bytes, vectors);
    const std::size_t outputs_at_once = rows_within(second_level_bytes, vectors);
    for (std::size_t j = 0; j < layer.fan_out; j += outputs_at_once) {
        const Rows<T> b{delta + j * stride, smaller(layer.fan_out - j, outputs_at_once), stride};
        for (std::size_t i = inputs.begin; i < inputs.end; i += inputs_at_once) {
            const Rows<T> a{input + i * stride, smaller(inputs.end - i, inputs_at_once), stride};
            T* const weights = gradient + layer.weights + i * layer.fan_out + j;
            row_products(a, b, vectors, weights, layer.fan_out, accumulate);
        }
    }
    if (!layer.has_bias || inputs.begin != 0) return;
    in_blocks<output_block>({0, layer.fan_out}, [&]<int J>(std::size_t j) {
        bias_gradient_block<J>(delta + j * stride, gradient + layer.bias + j, vectors, accumulate);
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
