// Training over a data set. No Python type, no global state.
//
// T is float or double throughout. The number of threads and the CPU target change no bit. What
// cannot be trained with is an std::invalid_argument, thrown before a parameter changes: a value of
// the samples that is not finite, a number that no update can use, a loss that does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/pacer.hpp"
#include "network/batch_trainer.hpp"
#include "network/layout.hpp"
#include "training/double_buffer.hpp"
#include "training/learning_rate.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"
#include "training/validation.hpp"

namespace denseloop {

// divergence: the loss, or a number that the update would have made, was not finite. stopping: as
// the plan has it. learning_rate: the adaptive one would have become too small. convergence is
// for levenberg_marquardt.hpp.
enum class Ending { epochs, interrupt, divergence, stopping, learning_rate, convergence };

struct TrainingResult {
    Ending ending;
    std::size_t epochs;  // finished
};

// What the caller keeps of a network from one training to the next.
template <class T>
struct TrainingState {
    T* parameters;     // (n_parameters)
    T* moments;        // (2, n_parameters): UpdateRule's states, as many as the method has
    double* counters;  // Counters
};

// Where the epochs of a run are written.
template <class T>
struct Records {
    std::size_t epochs;
    double* losses;             // (epochs), each before the updates
    double* validation_losses;  // (epochs), after the updates; null without validation samples
    T* outputs;                 // (epochs, n_samples, n_outputs), before the updates; or null
    T* best_parameters;         // (n_parameters) of the lowest validation loss yet; or null
};

// Samples, and what has been seen of their losses, from one run to the next.
template <class T>
class Training {
public:
    // The layout is kept, and what the samples are views of must last, unchanged, as long as this.
    // reordered: the runs may be given an order of the samples. Throws Interrupted.
    Training(const Layout& layout, const TrainingPlan& plan, const Samples<T>& samples,
             const Samples<T>* validation, bool reordered, Monitor& monitor);

    // Goes on for as many epochs as `records` has room for. However it ends, the state is that
    // after the last finished update. `orders` (epochs, n_samples), of 0, ..., n_samples - 1 each,
    // is for a reordered training without a seed, and otherwise may be null; `rates` (epochs), if
    // not null, take the place of the schedule's; `shuffled` is how many epochs have been shuffled
    // before.
    TrainingResult run(const TrainingState<T>& state, const Records<T>& records,
                       const std::int64_t* orders, const double* rates, std::uint64_t shuffled,
                       Monitor& monitor);

    std::size_t samples() const { return batches_->tiling().samples(); }
    bool reordered() const { return reordered_; }

private:
    Ending epoch(const Records<T>& records, std::size_t epoch, const std::int64_t* order,
                 double rate, Counters& counters, ThreadTeam& team, Pacer& pacer);
    // Epochs of nothing but the same update, several at a time.
    bool is_plain(const Records<T>& records) const;
    Ending plain_epochs(const Records<T>& records, Counters& counters, Pacer& pacer);
    // Whether the loss has not fallen for too long.
    bool exhausted(double loss);

    const Layout& layout_;
    const TrainingPlan plan_;
    const LearningRate schedule_;
    double loss_scale_;  // of the sum over all batches
    const bool reordered_;
    std::unique_ptr<Batches<T>> batches_;
    std::unique_ptr<Validation<T>> validation_;
    std::unique_ptr<Optimizer<T>> optimizer_;
    std::vector<T> flat_parameters_;   // for the validation
    std::vector<std::int64_t> order_;  // of a shuffled epoch
    double lowest_loss_, lowest_validation_loss_;
    std::size_t without_progress_ = 0;
};

}  // namespace denseloop
