// The learning rate from epoch to epoch.
#pragma once

#include <cmath>

#include "base/compiler.hpp"
#include "training/optimizer_state.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

// log(x) and exp(x) within about 1e-15, by operations that are the same on every machine, as libm
// is not.
inline double portable_log(double x) {
    int exponent;
    double m = std::frexp(x, &exponent);  // 1/2 <= m < 1
    if (m < 0.70710678118654752) {
        m *= 2;
        --exponent;
    }
    const double f = (m - 1) / (m + 1);
    double series = 0;
    for (int k = 12; k >= 0; --k) series = series * (f * f) + 1.0 / (2 * k + 1);
    return exponent * 0.693147180559945309 + 2 * f * series;
}
inline double portable_exp(double x) {
    if (x < -746) return 0;
    const double n = std::floor(x / 0.693147180559945309 + 0.5);
    const double r = x - n * 0.693147180559945309;
    double series = 1;
    for (int k = 17; k >= 1; --k) series = 1 + r / k * series;
    return std::ldexp(series, static_cast<int>(n));
}

class LearningRate {
public:
    LearningRate(const OptimizerPlan& optimizer, const Schedule& schedule)
        : initial_(optimizer.learning_rate), schedule_(schedule) {}

    // Returns the learning rate of the next epoch.
    double rate(const OptimizerCounters& counters) const {
        switch (schedule_.kind) {
            case ScheduleKind::constant:
                return initial_;
            case ScheduleKind::inverse_scaling:
                return initial_ *
                       portable_exp(-schedule_.power *
                                    portable_log(1 + static_cast<double>(counters.epochs)));
            case ScheduleKind::adaptive:
                return counters.learning_rate;
        }
        unreachable();
    }

    // Counts an epoch with this training loss. Returns whether training continues.
    bool finished_epoch(double loss, OptimizerCounters& counters) const {
        ++counters.epochs;
        if (schedule_.kind != ScheduleKind::adaptive) return true;
        if (loss < counters.lowest_loss - schedule_.tolerance) {
            counters.lowest_loss = loss;
            counters.epochs_without_progress = 0;
            return true;
        }
        counters.lowest_loss = std::fmin(counters.lowest_loss, loss);
        if (++counters.epochs_without_progress < schedule_.patience) return true;
        counters.epochs_without_progress = 0;
        if (counters.learning_rate / schedule_.divisor < schedule_.smallest) return false;
        counters.learning_rate /= schedule_.divisor;
        return true;
    }

private:
    double initial_;
    Schedule schedule_;
};

}  // namespace denseloop
