// Lets a computation within another one be interrupted with it.
#pragma once

#include "base/cost_model.hpp"
#include "base/pacer.hpp"

namespace denseloop {

// Asks the pacer of the computation around it, on the thread that runs both.
class NestedMonitor : public Monitor {
public:
    explicit NestedMonitor(Pacer& around) : around_(around) {}

    bool keep_going(std::size_t, double) override {
        try {
            around_.poll(cost::between_clock_reads);
        } catch (const Interrupted&) {
            interrupted_ = true;
        }
        return !interrupted_;
    }
    bool interrupted() const { return interrupted_; }

private:
    Pacer& around_;
    bool interrupted_ = false;
};

}  // namespace denseloop
