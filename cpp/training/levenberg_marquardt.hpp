// Levenberg-Marquardt for networks of some thousand parameters at most and squared errors. No
// Python type, no global state.
//
// A step solves (J^T J + damping I) step = -J^T r. With the identity, as Levenberg had it, and not
// with Marquardt's diagonal of J^T J: where a unit has saturated that is next to nothing, and the
// steps become so long that others saturate too. A step that lowers the objective is accepted, and
// the damping divided by 10, as Marquardt has it ("An algorithm for least-squares estimation of
// nonlinear parameters", 1963); otherwise it is multiplied by 2, 4, 8, ... until one does, as
// Nielsen has it ("Damping parameter in Marquardt's method", report IMM-REP-1999-05, Technical
// University of Denmark). Nielsen's own decrease, to a third at most and by the gain, took two
// spirals by 2-20-20-1 several times the steps.
#pragma once

#include <cstddef>

#include "base/pacer.hpp"
#include "network/batch_trainer.hpp"
#include "network/layout.hpp"
#include "training/training_loop.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

struct LevenbergMarquardtPlan {
    Objective objective;
    double damping;  // the first, in units of the largest element of the diagonal of J^T J
    // Training ends where no derivative of the objective is larger, or a step is shorter than so
    // many times the parameters, both by their Euclidean norms.
    double gradient_tolerance, step_tolerance;
    std::size_t epochs;   // accepted steps
    std::size_t threads;  // at most so many, at least 1
};

// losses (epochs) receives the objective before each accepted step. `damping` is what the next step
// starts from, 0 for the plan's: with it a training goes on where another ended. However it ends,
// the parameters are exactly those after the last accepted step.
//
// What cannot be trained with is an std::invalid_argument as in training.hpp: here also losses that
// are no squared error, a softmax output, and too many parameters.
template <class T>
TrainingResult levenberg_marquardt(const Layout& layout, const LevenbergMarquardtPlan& plan,
                                   T* parameters, const Samples<T>& samples, double& damping,
                                   double* losses, Monitor& monitor);

}  // namespace denseloop
