#include "checks.hpp"
#include "core_calls.hpp"
#include "training/levenberg_marquardt.hpp"

namespace denseloop::check {
namespace {

template <class T>
struct Stepped {
    TrainingResult result;
    std::vector<T> parameters;
    double damping = 0;
};

// Continues from `start`.
template <class T>
Stepped<T> step_on(const Case<T>& c, const Stepped<T>& start, const Samples<T>& samples,
                   std::size_t steps, Monitor& monitor) {
    const LevenbergMarquardtPlan plan{c.objective, 1e-3, 0, 0, steps, threads_used()};
    Stepped<T> stepped = start;
    std::vector<double> losses(steps);
    NoReaders readers;
    stepped.result = levenberg_marquardt(layout_of(c), plan, stepped.parameters.data(), samples,
                                         stepped.damping, losses.data(), nullptr, monitor, readers);
    return stepped;
}

template <class T>
Stepped<T> step_on(const Case<T>& c, const Stepped<T>& start, std::size_t steps) {
    NeverStop monitor;
    return step_on(c, start, samples_of(c), steps, monitor);
}

}  // namespace

template <class T>
void check_levenberg_marquardt(const Case<T>& c) {
    const Stepped<T> start{{}, c.initial_parameters};
    const Stepped<T> whole = step_on(c, start, steps_in_file);
    expect(whole.result.ending == Ending::epochs, "expected all steps");
    expect_same_bits(whole.parameters, c.after_steps, "parameters");
    const Stepped<T> parts = step_on(c, step_on(c, start, 1), steps_in_file - 1);
    expect_same_bits(parts.parameters, c.after_steps, "parameters in two parts");
    const Stepped<T> none = step_on(c, start, 0);
    expect_same_bits(none.parameters, c.initial_parameters, "parameters after no step");
}

template <class T>
void check_interrupted_levenberg_marquardt(const Case<T>& c) {
    constexpr std::size_t more_than_fit_in_20_ms = 100'000;
    const Stepped<T> start{{}, c.initial_parameters};
    StopSoon monitor;
    const Stepped<T> stopped = step_on(c, start, samples_of(c), more_than_fit_in_20_ms, monitor);
    // After convergence there is no step to interrupt.
    if (stopped.result.ending == Ending::convergence) return;
    expect(stopped.result.ending == Ending::interrupt, "expected interrupted steps");
    const std::size_t finished = stopped.result.epochs;
    const Stepped<T> twin = step_on(c, start, finished);
    expect_same_bits(stopped.parameters, twin.parameters,
                     "parameters after " + std::to_string(finished) + " steps");
}

#define DENSELOOP_INSTANTIATE(T)                             \
    template void check_levenberg_marquardt(const Case<T>&); \
    template void check_interrupted_levenberg_marquardt(const Case<T>&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop::check
