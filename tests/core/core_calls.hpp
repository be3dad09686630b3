// The core as the checks use it: every call of training_loop.hpp and evaluation.hpp is made here,
// those of levenberg_marquardt.hpp in check_levenberg_marquardt.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/readers.hpp"
#include "case_file.hpp"
#include "expect.hpp"
#include "network/evaluation.hpp"
#include "network/objective_function.hpp"
#include "training/training_loop.hpp"

namespace denseloop::check {

// Never stops a computation.
class NeverStop : public Monitor {
public:
    bool keep_going(std::size_t, double) override { return true; }
};

// Stops a computation at the first poll, about 20 ms after its start: in the middle of an epoch if
// the epochs are long.
class StopSoon : public Monitor {
public:
    bool keep_going(std::size_t, double) override { return false; }
};

template <class T>
MatrixView<T> view_of(const std::vector<T>& rows, std::size_t columns) {
    constexpr std::ptrdiff_t size = sizeof(T);
    return {reinterpret_cast<const char*>(rows.data()), rows.size() / columns, columns,
            static_cast<std::ptrdiff_t>(columns) * size, size};
}

template <class T>
Layout layout_of(const Case<T>& c) {
    return {c.layer_sizes, c.bias, c.activations};
}

template <class T>
Samples<T> samples_of(const Case<T>& c, const MatrixView<T>& X, const MatrixView<T>& y) {
    Samples<T> samples{X, y, {}};
    if (!c.sample_weight.empty()) samples.weight = view_of(c.sample_weight, 1);
    return samples;
}
template <class T>
Samples<T> samples_of(const Case<T>& c) {
    return samples_of(c, view_of(c.X, c.n_inputs()), view_of(c.y, c.n_outputs()));
}

// How many threads the calls below may use; the checks run with several numbers.
inline std::size_t& threads_used() {
    static std::size_t threads = 1;
    return threads;
}

// For a network that nobody else can see.
class NoReaders : public Readers {
public:
    void offer(const Snapshot&) override {}
    void serve() override {}

private:
    void begin_to_write() override {}
    void end() override {}
};

// A network with the state of its optimizer.
template <class T>
struct Network {
    std::vector<T> parameters, slots;
    OptimizerCounters counters;
    std::size_t shuffled = 0;  // epochs

    Network(const Case<T>& c, const std::vector<T>& start)
        : parameters(start),
          slots(max_slots * start.size()),
          counters{.learning_rate = c.optimizer.learning_rate} {
        if (c.optimizer.method != Method::rprop) return;
        std::fill(slots.begin() + static_cast<std::ptrdiff_t>(start.size()), slots.end(),
                  static_cast<T>(c.initial_step));
    }
};

// Trains for as many epochs as `losses` has room for, with the options of the case.
// outputs (epochs, n_samples, n_outputs) may be null.
template <class T>
TrainingResult train_in_place(Network<T>& network, std::vector<double>& losses, const Case<T>& c,
                              Monitor& monitor, T* outputs = nullptr) {
    const TrainingPlan plan{c.objective,    c.optimizer,  c.schedule,    {},
                            c.update_order, c.batch_size, c.shuffle_key, threads_used()};
    const Layout layout = layout_of(c);
    try {
        TrainingLoop<T> training(layout, plan, samples_of(c), nullptr, false, monitor);
        NoReaders readers;
        const TrainingResult result =
            training.run({network.parameters.data(), network.slots.data(), network.counters},
                         {losses.size(), losses.data(), nullptr, outputs, nullptr}, nullptr,
                         nullptr, network.shuffled, monitor, readers);
        network.shuffled += result.epochs;
        return result;
    } catch (const Interrupted&) {  // while the samples were packed
        return {Ending::interrupt, 0};
    }
}

template <class T>
struct Trained {
    TrainingResult result;
    Network<T> network;
    std::vector<double> losses;  // of the finished epochs

    const std::vector<T>& parameters() const { return network.parameters; }
};

template <class T>
Trained<T> train_from(const Network<T>& start, const Case<T>& c, std::size_t epochs,
                      Monitor& monitor, T* outputs = nullptr) {
    Trained<T> trained{{}, start, std::vector<double>(epochs)};
    trained.result = train_in_place(trained.network, trained.losses, c, monitor, outputs);
    trained.losses.resize(trained.result.epochs);
    return trained;
}

template <class T>
Trained<T> train_from(const Network<T>& start, const Case<T>& c, std::size_t epochs) {
    NeverStop monitor;
    return train_from(start, c, epochs, monitor);
}

// Trains from the initial parameters.
template <class T>
Trained<T> train(const Case<T>& c, std::size_t epochs) {
    return train_from(Network<T>(c, c.initial_parameters), c, epochs);
}

template <class T>
struct LossAndGradient {
    double loss;
    std::vector<T> gradient;
};

template <class T>
LossAndGradient<T> loss_and_gradient_at(const std::vector<T>& parameters, const Case<T>& c,
                                        const MatrixView<T>& X, const MatrixView<T>& y) {
    NeverStop monitor;
    std::vector<T> gradient(parameters.size());
    const Layout layout = layout_of(c);
    ObjectiveFunction<T> function(layout, c.objective, samples_of(c, X, y), threads_used(),
                                  monitor);
    const double loss = function.loss_and_gradient(parameters.data(), gradient.data(), monitor);
    return {loss, gradient};
}

template <class T>
LossAndGradient<T> loss_and_gradient_at(const std::vector<T>& parameters, const Case<T>& c) {
    return loss_and_gradient_at(parameters, c, view_of(c.X, c.n_inputs()),
                                view_of(c.y, c.n_outputs()));
}

template <class T>
std::vector<T> predictions_at(const std::vector<T>& parameters, const Case<T>& c,
                              const MatrixView<T>& X) {
    NeverStop monitor;
    std::vector<T> predictions(X.rows * c.n_outputs());
    predict<T>(layout_of(c), parameters.data(), X, predictions.data(), threads_used(), monitor);
    return predictions;
}

template <class T>
std::vector<T> predictions_at(const std::vector<T>& parameters, const Case<T>& c) {
    return predictions_at(parameters, c, view_of(c.X, c.n_inputs()));
}

}  // namespace denseloop::check
