// The contract between the training loop and a CPU target: a table of function pointers.
//
// Shapes. A *tile* is a group of samples that goes through the network together. Its samples lie
// along the lanes of virtual vectors of 64 bytes (8 float64 or 16 float32, on every target), and
// every matrix of a tile has the shape (units, vectors, lanes): all samples of a unit are adjacent,
// and the units are tile_stride(vectors) apart. Parameters are one flat buffer, described by a
// Layer for each layer.
//
// Bits. The result of a kernel is fixed to the bit, so that every target gives the same numbers:
//   - a pre-activation starts from the bias (or 0) and adds w[i] * x[i] for i = 0, 1, ... in turn;
//   - a propagated delta starts from 0 and adds w[j] * delta[j] for j = 0, 1, ... in turn;
//   - a gradient starts from 0 in every lane, adds input * delta for each vector of the tile in
//     turn, and then adds the lanes: upper half to lower half, until one is left;
//   - each "adds a * b" is one fused multiply-add, rounded once.
// Register blocks, ranges and loop order may differ, since none of the above depends on them.
//
// Few samples (at most max_rows) would leave most lanes of a tile empty. They have kernels of their
// own with the units along the lanes and matrices (samples, units), see RowPass. A pre-activation
// is the same to the bit, and
//   - a propagated delta adds w[j] * delta[j] lane by lane, for each vector of the outputs in turn,
//     and then the lanes by halves; with one output it is the product;
//   - a gradient is the product of the first sample and adds those of the others in turn.
#pragma once

#include <cstddef>

#include "kernels/types.hpp"

namespace denseloop {

template <class T>
struct Kernels {
    // The time of a multiply-add, in that of one by an instruction.
    std::size_t multiply_add_cost;

    // ---- many samples

    // tile (columns, vectors, lanes) from some columns of the samples' rows; `rows` has the address
    // of one row for each lane of each vector.
    void (*transpose_rows)(const T* const* rows, Range columns, std::size_t vectors, T* tile);

    // z (fan_out, vectors, lanes) = weights^T input + bias for some outputs, from some of the
    // inputs (inputs, vectors, lanes): the first ones, or the next ones after a call with those
    // before. In the lanes past the tile's `samples` the inputs must repeat the last sample.
    void (*affine)(const Layer&, Range outputs, Range inputs, const T* parameters, const T* input,
                   T* z, std::size_t samples);

    // a (units, vectors, lanes) = activation of z (units, vectors, lanes); a may be z
    void (*activate)(const ActivationFunction&, const T* z, T* a, std::size_t units,
                     std::size_t vectors);

    // The output layer of a training step, or one part after the other: its units in their order
    // or, if the activation couples the outputs, its vectors. a receives the activation; delta
    // receives d loss / d z without LossTraits::gradient_factor, 0 in the lanes past `samples`.
    // totals (lanes) are 0 before the first part. Returns the sum of the samples' losses of all
    // parts so far, without LossTraits::value_factor.
    T (*output_delta)(const Criterion<T>&, const ActivationFunction&, const OutputTile<T>&,
                      T* totals);

    // gradient = d loss / d parameters of this layer, summed over the tile's `samples` samples:
    // stored, or added to what is there. Computes the weights of some inputs, and the biases with
    // input 0. gradient is flat like the parameters; delta (fan_out, vectors, lanes).
    void (*layer_gradient)(const Layer&, Range inputs, const T* input, const T* delta, T* gradient,
                           std::size_t samples, bool accumulate);

    // delta_below (fan_in, vectors, lanes) = (weights delta) * s' for some inputs, where s' is the
    // derivative of the activation `below` of the layer below. derivative_input (fan_in, vectors,
    // lanes) is the activation of that layer, or its pre-activation if the derivative needs that.
    void (*propagate)(const Layer&, Range inputs, const ActivationFunction& below, DerivativeAt,
                      const T* parameters, const T* derivative_input, const T* delta,
                      T* delta_below, std::size_t vectors);

    // ---- sparse samples, whose numbers that are not stored are 0 and add nothing
    //
    // Rows (samples, units) of a tile are padded to whole vectors.

    // What affine computes, as rows z (samples, fan_out), for some samples.
    void (*sparse_affine)(const Layer&, Range samples, const SparseRows<T>& input,
                          const T* parameters, T* z);

    // rows (samples, units) of tile (units, vectors, lanes); the reverse of transpose_rows
    void (*transpose_tile)(const T* tile, std::size_t units, std::size_t vectors, T* rows);

    // What layer_gradient computes for the weights of some of the columns that have stored numbers;
    // delta (samples, fan_out) has rows.
    void (*sparse_gradient)(const Layer&, Range columns, const SparseColumns<T>& input,
                            const T* delta, T* gradient, bool accumulate);

    // ---- updates

    // Updates a range of the parameters, and those after it that fill the last vector. Returns
    // whether everything that was written is finite.
    bool (*update)(const UpdateRule<T>&, Range parameters, const T* gradient,
                   const ParameterSet<T>& from, const ParameterSet<T>& to);

    T (*sum_of_squares)(const T* parameters, std::size_t count);

    // gradient += factor * parameters
    void (*decay)(T factor, const T* parameters, T* gradient, std::size_t count);

    // ---- few samples

    // pass.output receives the predictions (n_outputs, lanes), as of a tile. The parameters are
    // flat; input (samples, n_inputs) is not padded.
    void (*predict_rows)(const RowPass<T>& pass, const T* parameters, const T* input,
                         std::size_t samples);

    // Performs one update by the gradient at `parameters`. These usually equal from.parameters; to
    // obtain the gradient itself, pass zeros as `from` and gradient descent with rate -1. Returns
    // the sum of the losses, as output_delta does; `finite` receives whether everything that was
    // written is finite.
    T (*update_rows)(const RowPass<T>& pass, const RowUpdate<T>& update, const UpdateRule<T>& rule,
                     const T* parameters, const ParameterSet<T>& from, const ParameterSet<T>& to,
                     bool& finite);

    // Performs `times` updates with rates (times) instead of the rule's; `from` and `to` take turns
    // to be read and written. losses (times). Returns how many updates were made before one that
    // was not finite.
    std::size_t (*repeat_rows)(const RowPass<T>& pass, const RowUpdate<T>& update,
                               const UpdateRule<T>& rule, const T* rates,
                               const ParameterSet<T>& from, const ParameterSet<T>& to, T* losses,
                               std::size_t times);

    // The same for a network in each lane; losses (times, lanes). It ends before an update that is
    // not finite in one of them.
    std::size_t (*repeat_lanes)(const LanePass<T>& pass, const UpdateRule<T>& rule, const T* rates,
                                const ParameterSet<T>& from, const ParameterSet<T>& to, T* losses,
                                std::size_t times);

    // ---- least squares

    // The rows of this layer's parameters in jacobian (n_parameters, vectors, lanes), the
    // derivatives by single samples: input (fan_in, vectors, lanes) times delta (fan_out, vectors,
    // lanes), and for a bias the delta.
    void (*jacobian)(const Layer&, const T* input, const T* delta, T* jacobian,
                     std::size_t vectors);

    // sum[i * stride + j] += row i of a times row j of b, over `vectors` vectors, computed as a
    // gradient is.
    void (*add_products)(Rows<T> a, Rows<T> b, std::size_t vectors, T* sum, std::size_t stride);

    // One block of the Cholesky factor L, transposed: block[k * cholesky_block + i] belongs to
    // row i, column k. In: the negated Schur complement after the previous block columns. Out: the
    // corresponding block of L, each element x replaced by
    //     (x + L[j][k] * x[k], for k = 0, 1, ... j - 1 in turn) * inverses[j].
    //
    // factor_block factors the block on the diagonal and stores -1 / L[j][j] in `inverses`; the
    // strict upper triangle is undefined. Returns false if a pivot is not above 0.
    bool (*factor_block)(T* block, std::size_t columns, std::size_t vectors, T* inverses);
    // Solves rows below the diagonal; `triangle` is the factored block on the diagonal.
    void (*solve_block)(const T* triangle, const T* inverses, T* block, std::size_t columns,
                        std::size_t vectors);

    // y += factor * x, for whole vectors
    void (*add_multiple)(T factor, const T* x, T* y, std::size_t count);

    // ---- public functions, over contiguous arrays; y may be x

    void (*sigmoid)(const T* x, T* y, std::size_t count);
    void (*sigmoid_derivative)(const T* x, T* y, std::size_t count);

    // ---- roofline

    // Performs at least `count` independent multiply-adds, each of which adds one * one to a sum.
    // Returns the total of the sums; zeros (roofline_vectors, lanes).
    std::size_t (*multiply_adds)(const T* zeros, T one, std::size_t count);
};

struct KernelTable {
    const char* name;
    Kernels<float> float32;
    Kernels<double> float64;
};

}  // namespace denseloop
