// Keeps a long computation stoppable.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <utility>

#include "base/cost_model.hpp"
#include "base/readers.hpp"

namespace denseloop {

// Receives the progress about every 20 ms, on the computing thread; false ends the computation.
class Monitor {
public:
    virtual ~Monitor() = default;
    // last_loss is NaN before the first epoch is finished.
    virtual bool keep_going(std::size_t finished_epochs, double last_loss) = 0;
    // Asked some microseconds apart; true ends the computation.
    virtual bool must_give_way() { return false; }
    // Told what ends the computation, if that is neither of these.
    virtual void keep_error(std::exception_ptr) {}
};

// Thrown by Pacer::poll, only while the current parameters are intact: before an update, or while
// the next ones are written to a separate buffer.
struct Interrupted {};

// Asks the monitor at most every 20 ms, and reads the clock and serves readers rarely, so that
// neither slows the epochs of a small network.
class Pacer {
public:
    explicit Pacer(Monitor& monitor, Readers* readers = nullptr)
        : monitor_(monitor), readers_(readers) {}

    // Call it before the next `work` multiply-adds, or anything that takes as long.
    void poll(std::size_t work) {
        work_ += work;
        if (work_ >= cost::between_clock_reads) read_clock();
    }

    void finished_epoch(double loss) {
        ++epochs_;
        loss_ = loss;
    }

    std::size_t finished_epochs() const { return epochs_; }

    // Returns f(), which may wait for those who read what is trained; f changes nothing of that.
    template <class F>
    auto let_read(const F& f) {
        if (readers_ == nullptr) return f();
        const struct Pause {
            Readers& readers;
            explicit Pause(Readers& all) : readers(all) { readers.pause(); }
            ~Pause() { readers.resume(); }
        } pause(*readers_);
        return f();
    }

    // Ends the computation by an error, which the monitor keeps.
    [[noreturn]] void end_by(std::exception_ptr error) {
        monitor_.keep_error(std::move(error));
        throw Interrupted{};
    }

    // Returns f(), which is the caller's: as let_read() does, but what f throws ends the
    // computation.
    template <class F>
    auto call_out(const F& f) {
        try {
            return let_read(f);
        } catch (...) {
            end_by(std::current_exception());
        }
    }

private:
    using Clock = std::chrono::steady_clock;

    void read_clock() {
        work_ = 0;
        if (readers_ != nullptr) readers_->serve();
        if (monitor_.must_give_way()) throw Interrupted{};
        const auto now = Clock::now();
        if (asked_ == Clock::time_point{}) asked_ = now;  // read first here: a short call never is
        if (now - asked_ < std::chrono::milliseconds(20)) return;
        asked_ = now;
        if (!monitor_.keep_going(epochs_, loss_)) throw Interrupted{};
    }

    Monitor& monitor_;
    Readers* const readers_;
    std::size_t work_ = 0;
    std::size_t epochs_ = 0;
    double loss_ = std::numeric_limits<double>::quiet_NaN();
    Clock::time_point asked_{};
};

}  // namespace denseloop
