// The plain structs that the training loop hands to the kernels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/compiler.hpp"
#include "base/vector_size.hpp"
#include "kernels/choices.hpp"

namespace denseloop {

// A layer within the flat parameters, which hold layer after layer.
struct Layer {
    std::size_t fan_in, fan_out;
    std::size_t weights;  // offset of the weights (fan_in, fan_out)
    std::size_t stride;   // distance between the weights of two inputs: fan_out, if flat
    std::size_t bias;     // offset of the bias (fan_out)
    std::size_t end;      // offset of the next layer
    bool has_bias;
    ActivationFunction activation;
};

// The loss of an output, as the kernels take it.
template <class T>
struct Criterion {
    Loss loss;
    T parameter;  // of the loss, if it has one
    DerivativeAt derivative_at;
};

// The output layer of a tile, or a part of it: some of its units or of its vectors.
template <class T>
struct OutputTile {
    const T* z;  // (units, vectors, lanes), as are all but the weights
    T* a;        // may be z
    const T* target;
    const T* weights;  // (vectors, lanes), or null
    T* delta;
    std::size_t units, vectors;
    std::size_t stride;   // between the units
    std::size_t samples;  // of these vectors

    DENSELOOP_ALWAYS_INLINE OutputTile part(Range its_units, Range its_vectors) const {
        const std::size_t sample = its_vectors.begin * vector_lanes<T>;
        const std::size_t at = its_units.begin * stride + sample;
        return {.z = z + at,
                .a = a + at,
                .target = target + at,
                .weights = weights ? weights + sample : nullptr,
                .delta = delta + at,
                .units = size(its_units),
                .vectors = size(its_vectors),
                .stride = stride,
                .samples = samples - sample};
    }
};

// ---- updates

// The optimizer's rule for one update, with the numbers that depend on the number of the update.
template <class T>
struct UpdateRule {
    Method method;
    T rate;  // learning rate, times the gradient's scale where the rule is linear in the gradient
    T mean_factor, square_factor;  // Adam: (1 - beta) times the gradient's scale, and its square
    Hyperparameters<T> hyperparameters;
};

// What an update reads or writes: the parameters and the optimizer's slots.
template <class T>
struct ParameterSet {
    T* parameters;
    T* slots[max_slots];
};

// ---- few samples

constexpr std::size_t max_rows = 4;

// Row layout: the distance in elements between consecutive samples. Each row is zero-padded to
// whole vectors and preceded by a vector whose last element is 1, the input of the bias:
//     [0 ... 0 1 | x0 x1 ... xn 0 ... 0 | 0 ... 0 1 | x0 x1 ...]
template <class T>
DENSELOOP_ALWAYS_INLINE constexpr std::size_t row_stride(std::size_t width) {
    return padded<T>(width) + vector_lanes<T>;
}

// All layers with their workspace, for the kernels of few samples.
//
// During a training the parameters of a layer are rows too: the bias, then the weights of each
// input. A row takes whole vectors; or 1, 2, 4 or 8 elements, if that is less, and then several
// rows share a vector, since the time of an update is proportional to its vectors.
template <class T>
struct RowPass {
    const Layer* layers;
    std::size_t n_layers;
    T* const* activations;  // per layer (max_rows, fan_out), row_stride apart
    // Per layer what the derivative of its activation is taken from: its activations, or a buffer
    // of the same shape for its pre-activations (see ActivationTraits).
    T* const* derivative_inputs;
    T* const* deltas;  // per layer (max_rows, padded fan_out), 0 in the padding
    T* output;         // (n_outputs, lanes): the output layer as a tile of one vector
    T* output_delta;   // (n_outputs, lanes)
};

// One update of a training with few samples.
template <class T>
struct RowUpdate {
    Criterion<T> criterion;
    bool output_first;  // each layer is updated before the delta of the layer below is computed
    std::size_t samples;
    const T* input;   // (samples, n_inputs), row_stride apart
    const T* target;  // (n_outputs, lanes), as of a tile
    const T* weight;  // (lanes), the samples' weights; or null
};

// Networks of one layout, one in each lane, and their few samples. All that belongs to units is
// (units, samples, lanes), the parameters and the optimizer's slots are (n_parameters, lanes).
template <class T>
struct LanePass {
    const Layer* layers;  // flat
    std::size_t n_layers;
    Criterion<T> criterion;
    bool output_first;  // as in RowUpdate
    std::size_t samples;
    const T *input, *target;
    const T* weight;        // (samples, lanes), or null
    T* const* activations;  // per layer, as are the next two
    T* const* derivative_inputs;
    T* const* deltas;
    // The kernel, called by its address: of a call that it sees, GCC makes a copy for these
    // arguments, and inlines no sigmoid any more, which then takes five times as long on AVX2.
    void (*activate)(const ActivationFunction&, const T* z, T* a, std::size_t units,
                     std::size_t vectors);
};

// ---- sparse samples

// The stored numbers of a tile. Sample i has those from starts[i] to before starts[i + 1].
template <class T>
struct SparseRows {
    const std::size_t* starts;
    const std::int32_t* columns;
    const T* values;
};

// The same by columns. Column columns[c] has the numbers from starts[c] to before starts[c + 1], in
// the order of the lanes and then of the vectors; lanes[k] counts the lanes of all vectors.
template <class T>
struct SparseColumns {
    const std::int32_t* columns;
    const std::size_t* starts;
    const std::uint16_t* lanes;
    const T* values;
};

// ---- least squares

// Rows of numbers, `stride` elements apart.
template <class T>
struct Rows {
    const T* first;
    std::size_t count, stride;
};

// Block size of the Cholesky factorization, a multiple of the vector length.
constexpr std::size_t cholesky_block = 32;

// ---- roofline

// How many vectors of zeros the benchmark's multiply-adds start from.
constexpr int roofline_vectors = 24;

}  // namespace denseloop
