// THE contract between the training loop and a CPU target: plain structs and function pointers.
//
// Shapes. A *tile* is a group of samples that goes through the network together. Its samples lie
// along the lanes of virtual vectors of 64 bytes (8 float64 or 16 float32, on every target), and
// every matrix of a tile has the shape (units, vectors, lanes): all samples of a unit are adjacent.
// Parameters are the flat buffer of layout.hpp.
//
// Bits. What a kernel computes is fixed to the bit, so that every target gives the same numbers:
//   - a pre-activation starts from the bias (or 0) and adds w[i] * x[i] for i = 0, 1, ... in turn;
//   - a propagated delta starts from 0 and adds w[j] * delta[j] for j = 0, 1, ... in turn;
//   - a gradient starts from 0 in every lane, adds input * delta for each vector of the tile in
//     turn, and then adds the lanes: upper half to lower half, until one is left;
//   - each "adds a * b" is one fused multiply-add, rounded once.
// Register blocks, ranges and loop order may differ, since none of the above depends on them.
//
// Few samples (at most max_rows) leave most lanes of a tile empty. They have kernels of their own
// with the units along the lanes and matrices (samples, units), see RowPass. A pre-activation is
// the same to the bit; of the rest
//   - a propagated delta adds w[j] * delta[j] lane by lane, for each vector of the outputs in turn,
//     and then the lanes by halves; with one output it is the product;
//   - a gradient is the product of the first sample and adds those of the others in turn.
#pragma once

#include <cstddef>

namespace denseloop {

constexpr std::size_t vector_bytes = 64;
template <class T>
constexpr std::size_t vector_lanes = vector_bytes / sizeof(T);

// n rounded up to whole vectors. Always inline, as targets may not share a compiled function.
template <class T>
[[gnu::always_inline]] constexpr std::size_t padded(std::size_t n) {
    return (n + vector_lanes<T> - 1) / vector_lanes<T> * vector_lanes<T>;
}

// Of few samples: from one sample's inputs or activations to the next's.
template <class T>
[[gnu::always_inline]] constexpr std::size_t row_stride(std::size_t width) {
    return padded<T>(width) + vector_lanes<T>;
}

// softmax and exp are for the output layer.
enum class Activation { sigmoid, tanh, relu, identity, softmax, exp };

// Of an output a and its target y, with e = a - y; each is summed over the outputs:
// squared_error e^2; half_squared_error e^2 / 2; absolute_error |e|; huber e^2 / 2 where |e| is at
// most the parameter d, and d (|e| - d / 2) elsewhere; quantile -q e where e < 0, and (1 - q) e
// elsewhere, q the parameter; binary_cross_entropy -y log(a) - (1 - y) log(1 - a), of a sigmoid;
// cross_entropy -y log(a), of a softmax; poisson a - y log(a), of an exp. In the value, but not the
// derivative, of the two cross entropies, each -log(p) is at most the parameter b, which may be
// infinite, and at least exp(-b): as if a were kept from exp(-b) to 1 - exp(-b), of targets 0 or 1.
enum class Loss {
    squared_error,
    half_squared_error,
    absolute_error,
    huber,
    quantile,
    binary_cross_entropy,
    cross_entropy,
    poisson
};

// Where the sigmoid's derivative is evaluated: at the pre-activation z, as in the textbook, or once
// more at the output a, s'(a) instead of s'(z), as some tutorials do.
// For sigmoids only.
enum class DerivativeAt { pre_activation, output };

// What an output is judged by.
template <class T>
struct Criterion {
    Loss loss;
    T parameter;  // of the loss, if it has one
    DerivativeAt derivative_at;
};

struct Layer {
    std::size_t fan_in, fan_out;
    std::size_t weights;  // offset of (fan_in, fan_out) in the flat parameters
    std::size_t stride;   // from the weights of one input to those of the next: fan_out, if flat
    std::size_t bias;     // offset of (fan_out)
    std::size_t end;      // offset of the next layer
    bool has_bias;
    Activation activation;
};

// Units [begin, end) of a layer: what one call computes.
struct Range {
    std::size_t begin, end;
};

constexpr std::size_t max_rows = 4;

// Vectors of zeros that the benchmark's floor starts from.
constexpr int floor_vectors = 24;

// All layers with their workspace, for the kernels of few samples.
//
// Inputs and activations are rows of numbers, each filled up with zeros to whole vectors, between
// vectors of zeros that end in 1: so a row has at least a vector less one of zeros behind it, and
// before it a 1, the input that the bias belongs to.
//
// In a training the parameters of a layer are rows too, of the bias and then of each input's
// weights. A row has whole vectors; or 1, 2, 4 or 8 numbers, if that is less, and the rows lie
// closely in whole vectors, since the time of an update is that of its vectors.
template <class T>
struct RowPass {
    const Layer* layers;
    std::size_t n_layers;
    T* const* activations;  // of each layer (max_rows, fan_out), row_stride apart
    T* const* deltas;       // likewise (max_rows, padded fan_out), 0 in the padding
    T* output;              // (n_outputs, lanes): the output layer as a tile of one vector
    T* output_delta;        // likewise
};

// Rows of numbers, each `stride` numbers after the one before.
template <class T>
struct Rows {
    const T* first;
    std::size_t count, stride;
};

// So many rows and columns of a matrix are factored at a time, whole vectors.
constexpr std::size_t cholesky_block = 32;

// One update of a training with few samples.
template <class T>
struct RowStep {
    Criterion<T> criterion;
    bool output_first;  // each layer is updated before the delta of the layer below is taken
    std::size_t samples;
    const T* input;   // (samples, n_inputs), row_stride apart
    const T* target;  // (n_outputs, lanes), as of a tile
    const T* weight;  // (lanes), of the samples; or null
};

// How an update goes from the gradient g to the next parameters p. In brackets the state, which is
// 0 at first but for the step sizes.
//   gradient_descent  p - step g
//   momentum          [v] v = momentum v - step g;  p + v
//   nesterov          [v] the same v;  p + momentum v - step g
//   adam              [m, v] m = beta_1 m + mean_share g, v = beta_2 v + square_share g^2;
//                     p - step m / (sqrt(v) + epsilon)
//   rprop             [the g before, sizes] where g has the sign it had, the size grows, to at most
//                     largest_size; where the sign changed it shrinks, to at least smallest_size,
//                     and g counts as 0;  p - size sign(g)
enum class Method { gradient_descent, momentum, nesterov, adam, rprop };

// How many arrays of state a method has.
[[gnu::always_inline]] constexpr std::size_t n_states(Method method) {
    switch (method) {
        case Method::gradient_descent:
            return 0;
        case Method::momentum:
        case Method::nesterov:
            return 1;
        default:
            return 2;
    }
}

template <class T>
struct UpdateRule {
    Method method;
    T step;
    T momentum;
    T beta_1, beta_2, mean_share, square_share, epsilon;
    T increase, decrease, smallest_size, largest_size;
};

// What an update changes: the parameters and, as many as the method has, arrays of their size.
template <class T>
struct UpdateState {
    T* parameters;
    T* state[2];
};

template <class T>
struct Kernels {
    // z (fan_out, vectors, lanes) = weights^T input + bias for some outputs;
    // input (fan_in, vectors, lanes)
    void (*affine)(const Layer&, Range outputs, const T* parameters, const T* input, T* z,
                   std::size_t vectors);

    // z (units, vectors, lanes) becomes the activation, in place
    void (*activate)(Activation, T* z, std::size_t units, std::size_t vectors);

    // The output layer of a training step. z becomes the activation in place; delta receives
    // d loss / d z (without the factor 2 of squared_error), 0 in the lanes past `samples`.
    // z, target and delta are (units, vectors, lanes), weights (vectors, lanes) or null. Returns
    // the sum of the samples' losses (without the factor 1/2 of half_squared_error).
    T (*output_delta)(const Criterion<T>&, Activation, T* z, const T* target, const T* weights,
                      T* delta, std::size_t units, std::size_t vectors, std::size_t samples);

    // gradient = d loss / d parameters of this layer, summed over the tile's `samples` samples:
    // stored, or added to what is there. Of the weights from some inputs, and with input 0 of the
    // biases. gradient is flat as the parameters; delta (fan_out, vectors, lanes).
    void (*layer_gradient)(const Layer&, Range inputs, const T* input, const T* delta, T* gradient,
                           std::size_t samples, bool accumulate);

    // delta_below (fan_in, vectors, lanes) = (weights delta) * s', with s' from `input`, which is
    // the activation of the layer below, whose function is given; for some inputs
    void (*propagate)(const Layer&, Range inputs, Activation below, DerivativeAt,
                      const T* parameters, const T* input, const T* delta, T* delta_below,
                      std::size_t vectors);

    // One update of the numbers of some parameters, and of those after them that fill the last
    // vector. Returns whether all that was written is finite.
    bool (*update)(const UpdateRule<T>&, Range parameters, const T* gradient,
                   const UpdateState<T>& from, const UpdateState<T>& to);

    // gradient += decay * parameters. Returns the sum of the squared parameters.
    T (*penalize)(T decay, const T* parameters, T* gradient, std::size_t count);

    // Few samples. pass.output receives the predictions (n_outputs, lanes), as of a tile. The
    // parameters are flat, as in layout.hpp; input (samples, n_inputs) is not padded.
    void (*predict_rows)(const RowPass<T>& pass, const T* parameters, const T* input,
                         std::size_t samples);

    // Few samples. One update by the gradient at `parameters`, which are from.parameters, or not
    // where plain descent by -1 from 0 makes the gradient itself. Returns the sum of the losses, as
    // output_delta does; `finite` tells whether all that was written is.
    T (*update_rows)(const RowPass<T>& pass, const RowStep<T>& step, const UpdateRule<T>& rule,
                     const T* parameters, const UpdateState<T>& from, const UpdateState<T>& to,
                     bool& finite);

    // Few samples. `times` updates with the given steps (times) in the place of the rule's, `from`
    // and `to` taking turns to be read and written; losses (times). Returns how many were made
    // before one that was not finite.
    std::size_t (*repeat_rows)(const RowPass<T>& pass, const RowStep<T>& step,
                               const UpdateRule<T>& rule, const T* steps,
                               const UpdateState<T>& from, const UpdateState<T>& to, T* losses,
                               std::size_t times);

    // Of least squares. The rows of this layer's parameters in jacobian (n_parameters, vectors,
    // lanes), the derivatives by single samples: input (fan_in, vectors, lanes) times delta
    // (fan_out, vectors, lanes), and of a bias the delta.
    void (*jacobian)(const Layer&, const T* input, const T* delta, T* jacobian,
                     std::size_t vectors);

    // sum[i * stride + j] += the product of row i of a and row j of b, over so many vectors, which
    // is made as a gradient is.
    void (*add_products)(Rows<T> a, Rows<T> b, std::size_t vectors, T* sum, std::size_t stride);

    // The Cholesky factor L of some columns of a symmetric matrix, in blocks that lie transposed:
    // block[k * cholesky_block + i] belongs to row i, column k. It holds minus what the columns
    // before have left of the matrix, and becomes L: x becomes (x + L[j][k] * x[k], for k = 0, 1,
    // ... j - 1 in turn) * inverses[j], with inverses[j] = -1 / L[j][j].
    // The block on the diagonal, whose first rows are its columns: also makes the inverses. Above
    // the diagonal are meaningless numbers. Returns false where a pivot is not above 0.
    bool (*factor_block)(T* block, std::size_t columns, std::size_t vectors, T* inverses);
    // Rows below it. `triangle` is what became of the block on the diagonal.
    void (*solve_block)(const T* triangle, const T* inverses, T* block, std::size_t columns,
                        std::size_t vectors);

    // y += factor * x, of whole vectors
    void (*add_multiple)(T factor, const T* x, T* y, std::size_t count);

    // The public functions over contiguous arrays; y may be x.
    void (*sigmoid)(const T* x, T* y, std::size_t count);
    void (*sigmoid_derivative)(const T* x, T* y, std::size_t count);

    // The benchmark's floor: at least `count` multiply-adds that wait for nothing, each of which
    // adds one * one to a sum. Returns the total of the sums; zeros (floor_vectors, lanes).
    std::size_t (*multiply_adds)(const T* zeros, T one, std::size_t count);

    // Some columns of tile (columns, vectors, lanes) from the samples' rows: for each lane of each
    // vector the address of one.
    void (*pack)(const T* const* rows, Range columns, std::size_t vectors, T* tile);
};

struct KernelTable {
    const char* name;
    Kernels<float> float32;
    Kernels<double> float64;
};

}  // namespace denseloop
