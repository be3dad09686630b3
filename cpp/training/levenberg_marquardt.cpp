#include "training/levenberg_marquardt.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"
#include "network/objective.hpp"
#include "training/gauss_newton.hpp"
#include "training/remote_least_squares.hpp"

namespace denseloop {
namespace {

constexpr std::size_t most_parameters = 5000;  // their matrix of float64 takes 200 MB

void require_fitting(const Layout& layout, const LevenbergMarquardtPlan& plan) {
    const Objective& objective = plan.objective;
    if (objective.loss != Loss::squared_error && objective.loss != Loss::half_squared_error) {
        throw std::invalid_argument(
            std::string("Levenberg-Marquardt needs a squared error, got the loss ") +
            traits(objective.loss).name);
    }
    require_fitting_loss(layout, objective);
    if (objective.derivative_at != DerivativeAt::pre_activation) {
        throw std::invalid_argument("Levenberg-Marquardt takes derivatives at the pre-activation");
    }
    if (layout.n_parameters() > most_parameters) {
        throw std::invalid_argument(
            "Levenberg-Marquardt keeps a square matrix of the parameters and is for at most " +
            std::to_string(most_parameters) + " of them, got " +
            std::to_string(layout.n_parameters()));
    }
    const auto require = [](const char* name, double number, bool zero_allowed) {
        if (std::isfinite(number) && (number > 0 || (zero_allowed && number == 0))) return;
        throw std::invalid_argument(std::string(name) + " must be " +
                                    (zero_allowed ? "at least" : "above") + " 0 and finite, got " +
                                    std::to_string(number));
    };
    require("l2", objective.l2, true);
    require("damping", plan.damping, false);
    require("gradient tolerance", plan.gradient_tolerance, true);
    require("step tolerance", plan.step_tolerance, true);
}

template <class T>
double norm(const std::vector<T>& values) {
    double squares = 0;
    for (const T value : values) {
        squares += static_cast<double>(value) * static_cast<double>(value);
    }
    return std::sqrt(squares);
}

// A summary of the linearization at the current parameters.
struct LinearizationSummary {
    double steepest = 0;  // the largest absolute value of J^T r
    double largest = 0;   // of the diagonal of J^T J
    bool finite = true;
};

template <class T>
LinearizationSummary summarize(const NormalEquations<T>& equations, std::size_t n) {
    LinearizationSummary found;
    for (std::size_t k = 0; k < n; ++k) {
        const double slope = std::abs(static_cast<double>(equations.gradient(k)));
        const double square = static_cast<double>(equations.diagonal(k));
        found.finite = found.finite && std::isfinite(slope) && std::isfinite(square);
        found.steepest = std::max(found.steepest, slope);
        found.largest = std::max(found.largest, square);
    }
    return found;
}

template <class T>
class Current : public Snapshot {
public:
    explicit Current(const std::vector<T>& parameters) : parameters_(parameters) {}
    void copy_to(void* flat) const override {
        std::copy(parameters_.begin(), parameters_.end(), static_cast<T*>(flat));
    }

private:
    const std::vector<T>& parameters_;
};

}  // namespace

template <class T>
TrainingResult levenberg_marquardt(const Layout& layout, const LevenbergMarquardtPlan& plan,
                                   T* parameters, const Samples<T>& samples, double& damping,
                                   double* losses, double* dampings, Monitor& monitor,
                                   Readers& readers) {
    return in_default_environment([&]() -> TrainingResult {
        require_fitting(layout, plan);
        require_weights(samples);
        if (samples.loss != nullptr) {
            throw std::invalid_argument("Levenberg-Marquardt takes no loss of the caller's");
        }
        require_totals(samples.X, 1);
        // GaussNewton computes half the squared errors, without the reduction.
        const double factor = plan.objective.gradient_factor();
        const double scale = factor * plan.objective.reduction_factor(samples.total_weight());
        const std::size_t n = layout.n_parameters();
        std::vector<T> current(parameters, parameters + n), step(n), next(n);
        const Current<T> snapshot(current);
        readers.offer(snapshot);
        Pacer pacer(monitor, &readers);
        const auto store = [&] { readers.store([&] { snapshot.copy_to(parameters); }); };
        const auto ended = [&](Ending ending) -> TrainingResult {
            store();
            return {ending, pacer.finished_epochs()};
        };
        try {
            ThreadTeam team(useful_threads<T>(layout, samples.X.rows,
                                              static_cast<double>(plan.epochs), plan.threads),
                            pacer);
            const Executor executor{pacer, &team};
            const double decay = plan.objective.l2 / factor;
            std::optional<LeastSquaresSamples<T>> at_hand;
            std::unique_ptr<LeastSquares<T>> problem;
            if (RemoteSums<T>* const sums = samples.X.remote()) {
                problem = std::make_unique<RemoteLeastSquares<T>>(layout, *sums, decay);
            } else {
                at_hand.emplace(samples, pacer);
                problem = std::make_unique<GaussNewton<T>>(layout, *at_hand, decay);
            }
            double objective = problem->objective(current.data(), executor);
            if (plan.epochs > 0 && !std::isfinite(objective)) return ended(Ending::divergence);
            while (pacer.finished_epochs() < plan.epochs) {
                NormalEquations<T>& equations = problem->linearize(current.data(), executor);
                const LinearizationSummary here = summarize(equations, n);
                if (!here.finite) return ended(Ending::divergence);
                if (here.steepest * scale <= plan.gradient_tolerance) {
                    return ended(Ending::convergence);
                }
                double tried = damping > 0 ? damping : plan.damping * here.largest;
                double next_objective;
                for (double growth = 2;; tried *= growth, growth *= 2) {
                    constexpr double most = std::numeric_limits<T>::max();
                    if (!(tried > 0 && tried <= most)) return ended(Ending::convergence);
                    if (!equations.solve(static_cast<T>(tried), step.data(), executor)) continue;
                    for (std::size_t k = 0; k < n; ++k) next[k] = current[k] + step[k];
                    if (next == current || norm(step) <= plan.step_tolerance * norm(current)) {
                        return ended(Ending::convergence);
                    }
                    next_objective = problem->objective(next.data(), executor);
                    if (next_objective < objective) break;
                }
                // A damping below the rounding error of J^T J would only have to be raised again.
                damping = std::max(tried / 10, std::numeric_limits<T>::epsilon() * here.largest);
                if (dampings) dampings[pacer.finished_epochs()] = tried;
                losses[pacer.finished_epochs()] = objective * scale;
                pacer.finished_epoch(objective * scale);
                std::swap(current, next);
                objective = next_objective;
            }
            return ended(Ending::epochs);
        } catch (const Interrupted&) {
            return ended(Ending::interrupt);
        } catch (...) {
            store();
            throw;
        }
    });
}

#define DENSELOOP_INSTANTIATE(T)                                                                  \
    template TrainingResult levenberg_marquardt(const Layout&, const LevenbergMarquardtPlan&, T*, \
                                                const Samples<T>&, double&, double*, double*,     \
                                                Monitor&, Readers&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop
