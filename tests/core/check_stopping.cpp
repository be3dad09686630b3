#include <cmath>
#include <limits>

#include "checks.hpp"
#include "core_calls.hpp"

namespace denseloop::check {
namespace {

template <class T>
void check_interruption_with(const Case<T>& c) {
    constexpr std::size_t more_than_fit_in_20_ms = 1'000'000;
    StopSoon monitor;
    const Network<T> start(c, c.initial_parameters);
    const Trained<T> stopped = train_from(start, c, more_than_fit_in_20_ms, monitor);
    expect(stopped.result.ending == Ending::interrupt, "expected an interrupted training");
    if (c.batch_size < c.samples) return;  // it may have stopped between two updates of an epoch
    const std::size_t finished = stopped.result.epochs;
    const std::string where = " after " + std::to_string(finished) + " epochs";

    const Trained<T> twin = train(c, finished);
    expect_same_bits(stopped.parameters(), twin.parameters(), "parameters" + where);
    expect_same_bits(stopped.losses, twin.losses, "losses" + where);

    const Trained<T> unbroken = train(c, finished + 2);
    const Trained<T> resumed = train_from(stopped.network, c, 2);
    expect_same_bits(resumed.parameters(), unbroken.parameters(), "parameters going on" + where);
    expect_same_bits(resumed.losses.data(), unbroken.losses.data() + finished, 2,
                     "losses going on" + where);
}

// Checks that f throws an error whose text begins with `expected`.
template <class F>
void expect_refusal(const std::string& expected, F f) {
    std::string found = "no error";
    try {
        f();
    } catch (const std::invalid_argument& error) {
        found = error.what();
    }
    expect(found.starts_with(expected), "expected '" + expected + "', found '" + found + "'");
}

// Checks that a training is refused and leaves parameters and losses unchanged.
template <class T>
void expect_refused_training(const Case<T>& wrong, const std::string& expected) {
    const std::vector<double> losses_before(3, 7.0);
    std::vector<double> losses = losses_before;
    Network<T> network(wrong, wrong.initial_parameters);
    NeverStop monitor;
    expect_refusal(expected, [&] { train_in_place(network, losses, wrong, monitor); });
    expect_same_bits(network.parameters, wrong.initial_parameters,
                     "parameters of a refused training");
    expect_same_bits(losses, losses_before, "losses of a refused training");
}

}  // namespace

template <class T>
void check_interruption(const Case<T>& c) {
    Case<T> other = c;
    for (const UpdateOrder order : {UpdateOrder::simultaneous, UpdateOrder::output_first}) {
        const bool plain = c.optimizer.method == Method::gradient_descent && c.objective.l2 == 0;
        if (order == UpdateOrder::output_first && !plain) continue;
        other.update_order = order;
        check_interruption_with(other);
    }
}

template <class T>
void check_refusals(const Case<T>& c) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const struct {
        T value;
        std::string name;
    } not_finite[] = {
        {std::numeric_limits<T>::quiet_NaN(), "nan"}, {infinity, "inf"}, {-infinity, "-inf"}};
    const std::size_t row = c.samples - 1;
    for (const auto& wrong : not_finite) {
        const auto text = [&](const std::string& matrix, std::size_t column) {
            return matrix + " must be finite, got " + wrong.name + " in row " +
                   std::to_string(row) + ", column " + std::to_string(column);
        };
        Case<T> wrong_X = c, wrong_y = c;
        wrong_X.X[row * c.n_inputs()] = wrong.value;
        wrong_y.y.back() = wrong.value;
        expect_refused_training(wrong_X, text("X", 0));
        expect_refused_training(wrong_y, text("y", c.n_outputs() - 1));
        expect_refusal(text("X", 0), [&] { loss_and_gradient_at(c.parameters, wrong_X); });
        expect_refusal(text("X", 0), [&] { predictions_at(c.parameters, wrong_X); });
    }
    Case<T> wrong = c;
    for (const double rate : {-1.0, std::nan(""), HUGE_VAL}) {
        wrong.optimizer.learning_rate = rate;
        expect_refused_training(wrong, "learning_rate must be at least 0");
    }
    wrong = c;
    wrong.objective.loss =
        c.objective.loss == Loss::cross_entropy ? Loss::squared_error : Loss::cross_entropy;
    expect_refused_training(wrong, std::string("loss ") + traits(wrong.objective.loss).name +
                                       " does not fit the output activation");
}

#define DENSELOOP_INSTANTIATE(T)                      \
    template void check_interruption(const Case<T>&); \
    template void check_refusals(const Case<T>&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop::check
