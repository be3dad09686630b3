// Trains over a data set, epoch by epoch. No Python type, no global state.
//
// T is float or double. The number of threads and the CPU target change no bit. What cannot be
// trained with throws std::invalid_argument before a parameter changes: a value of the samples that
// is not finite, a number that no update can use, a loss that does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/executor.hpp"
#include "samples/samples.hpp"
#include "training/learning_rate.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

template <class T>
class BatchTrainer;
template <class T>
class DoubleBuffer;
template <class T>
class Validation;

// The caller's arrays for what a run records.
template <class T>
struct Records {
    std::size_t epochs;
    double* losses;             // (epochs), each before the epoch's updates
    double* validation_losses;  // (epochs), after the updates; null without a validation set
    T* outputs;                 // (epochs, n_samples, n_outputs), before the updates; or null
    T* best_parameters;         // (n_parameters) at the lowest validation loss so far; or null
    double* rates;              // (epochs), the learning rate of each; or null
};

// The packed samples, and what early stopping has seen of their losses, from one run to the next.
template <class T>
class TrainingLoop {
public:
    // The layout and the matrices of the samples must outlive this, unchanged. reordered: each run
    // may be given orders of the samples. Throws Interrupted.
    TrainingLoop(const Layout& layout, const TrainingPlan& plan, const Samples<T>& samples,
                 const Samples<T>* validation, bool reordered, Monitor& monitor);
    ~TrainingLoop();

    // Trains for as many epochs as `records` has room for. However it ends, the state is that after
    // the last finished update. `orders` (epochs, n_samples), each a permutation of 0, ...,
    // n_samples - 1, is required for a reordered training without a seed, and may be null
    // otherwise; `rates` (epochs), if not null, replace those of the schedule; `shuffled` is how
    // many epochs have been shuffled before. The state's parameters are written at the end, by
    // `readers`.
    TrainingResult run(const TrainingState<T>& state, const Records<T>& records,
                       const std::int64_t* orders, const double* rates, std::uint64_t shuffled,
                       Monitor& monitor, Readers& readers);

    // Forgets what early stopping has seen.
    void forget_losses();

    std::size_t samples() const { return n_samples_; }
    bool reordered() const { return reordered_; }

private:
    Ending epoch(const Records<T>& records, std::size_t epoch, const std::int64_t* order,
                 double learning_rate, OptimizerCounters& counters, const Executor& executor);
    // The validation loss after an epoch; the lowest so far is remembered with its parameters.
    double validate(const Records<T>& records, std::size_t epoch, const Executor& executor);
    // Whether all epochs are the same single update, so that several can be repeated at once.
    bool is_plain(const Records<T>& records) const;
    Ending plain_epochs(const Records<T>& records, OptimizerCounters& counters, Pacer& pacer);
    // What ends the training after an epoch with this loss, or Ending::epochs.
    Ending after_loss(double loss);

    const Layout& layout_;
    const TrainingPlan plan_;
    const LearningRate schedule_;
    const std::size_t n_samples_;
    double loss_scale_;  // of the sum over all batches
    const bool reordered_;
    std::unique_ptr<BatchTrainer<T>> trainer_;
    std::unique_ptr<Validation<T>> validation_;
    std::unique_ptr<DoubleBuffer<T>> buffer_;
    std::vector<T> flat_parameters_;   // for the validation
    std::vector<std::int64_t> order_;  // of a shuffled epoch
    double lowest_loss_, lowest_validation_loss_;
    std::size_t without_progress_;
};

}  // namespace denseloop
