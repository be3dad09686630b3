// The core as the checks use it. Every call of trainer.hpp is made here.
#pragma once

#include <vector>

#include "case_file.hpp"
#include "expect.hpp"
#include "trainer.hpp"

namespace denseloop::check {

// Never stops a computation.
class Patience : public Monitor {
public:
    bool keep_going(std::size_t, double) override { return true; }
};

template <class T>
MatrixView<T> view_of(const std::vector<T>& rows, std::size_t columns) {
    constexpr std::ptrdiff_t size = sizeof(T);
    return {reinterpret_cast<const char*>(rows.data()), rows.size() / columns, columns,
            static_cast<std::ptrdiff_t>(columns) * size, size};
}

template <class T>
Layout layout_of(const Case<T>& c) {
    return {c.layer_sizes, c.bias, c.output_activation};
}

// How many threads the calls below may use: all checks are run with several numbers.
inline std::size_t& threads_used() {
    static std::size_t threads = 1;
    return threads;
}

// As many epochs as `losses` has room for, with the case's options.
// outputs (epochs, n_samples, n_outputs) may be null.
template <class T>
TrainingResult train_in_place(std::vector<T>& parameters, std::vector<double>& losses,
                              const Case<T>& c, Monitor& monitor, T* outputs = nullptr) {
    const TrainingPlan plan{c.objective,   c.update_order, c.learning_rate,
                            losses.size(), c.batch_size,   threads_used()};
    return train(layout_of(c), plan, parameters.data(), view_of(c.X, c.n_inputs()),
                 view_of(c.y, c.n_outputs()), losses.data(), outputs, monitor);
}

template <class T>
struct Trained {
    TrainingResult result;
    std::vector<T> parameters;
    std::vector<double> losses;  // of the finished epochs
};

template <class T>
Trained<T> train_from(const std::vector<T>& start, const Case<T>& c, std::size_t epochs,
                      Monitor& monitor, T* outputs = nullptr) {
    Trained<T> trained{{}, start, std::vector<double>(epochs)};
    trained.result = train_in_place(trained.parameters, trained.losses, c, monitor, outputs);
    trained.losses.resize(trained.result.epochs);
    return trained;
}

template <class T>
Trained<T> train_from(const std::vector<T>& start, const Case<T>& c, std::size_t epochs) {
    Patience patience;
    return train_from(start, c, epochs, patience);
}

template <class T>
struct LossAndGradient {
    double loss;
    std::vector<T> gradient;
};

template <class T>
LossAndGradient<T> loss_and_gradient_at(const std::vector<T>& parameters, const Case<T>& c,
                                        const MatrixView<T>& X, const MatrixView<T>& y) {
    Patience patience;
    std::vector<T> gradient(parameters.size());
    const double loss = loss_and_gradient(layout_of(c), c.objective, parameters.data(), X, y,
                                          gradient.data(), threads_used(), patience);
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
    Patience patience;
    std::vector<T> predictions(X.rows * c.n_outputs());
    predict(layout_of(c), parameters.data(), X, predictions.data(), threads_used(), patience);
    return predictions;
}

template <class T>
std::vector<T> predictions_at(const std::vector<T>& parameters, const Case<T>& c) {
    return predictions_at(parameters, c, view_of(c.X, c.n_inputs()));
}

}  // namespace denseloop::check
