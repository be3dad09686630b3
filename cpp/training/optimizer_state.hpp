// What an optimizer counts, in the order in which the caller keeps it.
#pragma once

#include <cstddef>
#include <cstring>

namespace denseloop {

struct Counters {
    double updates;           // finished
    double epochs;            // finished
    double rate;              // of the adaptive schedule; first the optimizer's
    double lowest_loss;       // of the adaptive schedule; first infinity
    double without_progress;  // epochs in a row, of the adaptive schedule
    double beta_1_power;      // beta_1^updates; first 1
    double beta_2_power;      // beta_2^updates; first 1

    static constexpr std::size_t size = 7;

    static Counters from(const double* values) {
        Counters counters;
        std::memcpy(&counters, values, sizeof counters);
        return counters;
    }
    void to(double* values) const { std::memcpy(values, this, sizeof *this); }
};
static_assert(sizeof(Counters) == Counters::size * sizeof(double));

}  // namespace denseloop
