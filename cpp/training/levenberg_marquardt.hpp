// Levenberg-Marquardt for squared errors and networks of up to some thousand parameters. No Python
// type, no global state.
//
// A step solves (J^T J + damping I) step = -J^T r. The identity is Levenberg's choice. Marquardt's
// diagonal of J^T J nearly vanishes where a unit has saturated, and the steps then become so long
// that other units saturate too. A step that lowers the objective is accepted and the damping
// divided by 10 (Marquardt, "An algorithm for least-squares estimation of nonlinear parameters",
// 1963); otherwise the damping is multiplied by 2, 4, 8, ... until a step does (Nielsen, "Damping
// parameter in Marquardt's method", report IMM-REP-1999-05, Technical University of Denmark).
// Nielsen's own decrease, by the gain and at most to a third, took several times the steps for two
// spirals by 2-20-20-1.
#pragma once

#include <cstddef>

#include "base/pacer.hpp"
#include "base/readers.hpp"
#include "network/layout.hpp"
#include "samples/samples.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

struct LevenbergMarquardtPlan {
    Objective objective;
    double damping;  // the first, in units of the largest element of the diagonal of J^T J
    // Training ends when no derivative of the objective exceeds the first, or the norm of a step is
    // below the second times the norm of the parameters.
    double gradient_tolerance, step_tolerance;
    std::size_t epochs;   // accepted steps
    std::size_t threads;  // at most, at least 1
};

// losses (epochs) receives the objective before each accepted step, and dampings (epochs), if not
// null, the damping of the step. The next step starts from `damping`, or from the plan's if that is
// 0; it is written back, so that a training can continue another. However it ends, the parameters
// are exactly those after the last accepted step. They are written then, by `readers`.
//
// Throws std::invalid_argument as training_loop.hpp does, and also for losses other than squared
// errors, a softmax output, and too many parameters.
template <class T>
TrainingResult levenberg_marquardt(const Layout& layout, const LevenbergMarquardtPlan& plan,
                                   T* parameters, const Samples<T>& samples, double& damping,
                                   double* losses, double* dampings, Monitor& monitor,
                                   Readers& readers);

}  // namespace denseloop
