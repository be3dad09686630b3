// Keeps a long computation stoppable.
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>

namespace denseloop {

// Told of the progress every 20 ms or so, in the computing thread; false ends the computation.
class Monitor {
public:
    virtual ~Monitor() = default;
    // last_loss is NaN before the first epoch is finished.
    virtual bool keep_going(std::size_t finished_epochs, double last_loss) = 0;
};

// Thrown by Pacer::poll: before an update, or while it is made beside what it will replace.
struct Interrupted {};

// Asks the monitor at most every 20 ms, and reads the clock only after about 2^17 multiply-adds, so
// that neither costs an epoch of a small network anything.
class Pacer {
public:
    explicit Pacer(Monitor& monitor) : monitor_(monitor) {}

    // Before the next `work` multiply-adds, or what takes as long.
    void poll(std::size_t work) {
        work_ += work;
        if (work_ >= 1u << 17) read_clock();
    }

    void finished_epoch(double loss) {
        ++epochs_;
        loss_ = loss;
    }

    std::size_t finished_epochs() const { return epochs_; }

private:
    using Clock = std::chrono::steady_clock;

    void read_clock() {
        work_ = 0;
        const auto now = Clock::now();
        if (now - asked_ < std::chrono::milliseconds(20)) return;
        asked_ = now;
        if (!monitor_.keep_going(epochs_, loss_)) throw Interrupted{};
    }

    Monitor& monitor_;
    std::size_t work_ = 0;
    std::size_t epochs_ = 0;
    double loss_ = std::numeric_limits<double>::quiet_NaN();
    Clock::time_point asked_ = Clock::now();
};

}  // namespace denseloop
