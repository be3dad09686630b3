#include "base/thread_team.hpp"

#include <exception>
#include <new>
#include <stdexcept>
#include <thread>

#include "base/cost_model.hpp"
#include "base/cpu.hpp"
#include "base/fp_environment.hpp"

namespace denseloop {
namespace {

// Some tens of microseconds: longer than the caller works alone between two jobs of an epoch, and
// much shorter than a time slice of the operating system.
constexpr int spins = 4000;

}  // namespace

ThreadTeam::ThreadTeam(std::size_t threads, Pacer& pacer) : caller_{0, pacer} {
    threads_.reserve(threads - 1);
    try {
        for (std::size_t index = 1; index < threads; ++index) {
            threads_.emplace_back([this, index] { worker_main(index); });
        }
    } catch (...) {  // thread creation failed; continue with those already running
    }
}

ThreadTeam::~ThreadTeam() {
    if (is_forked()) {  // threads that do not exist can be neither joined nor detached
        new (&threads_) std::vector<Thread>;
        return;
    }
    closing_.store(true);
    job_.fetch_add(std::uint64_t{1} << 32);
    job_.notify_all();
    for (Thread& thread : threads_) thread.join();
}

void ThreadTeam::run(std::size_t items) {
    items_ = static_cast<std::uint32_t>(items);
    done_.store(0, std::memory_order_relaxed);
    const std::uint64_t number = (job_.load(std::memory_order_relaxed) >> 32) + 1;
    job_.store(number << 32 | items_, std::memory_order_release);
    job_.notify_all();
    const auto others_work = [&] { return done_.load(std::memory_order_acquire) != items_; };
    const auto require_threads = [&] {
        if (!is_forked()) return;
        caller_.pacer.end_by(std::make_exception_ptr(std::runtime_error(
            "forked in the middle of a call on several threads, which the child process does not "
            "have, so that the call cannot go on there; call with num_threads=1, or fork before or "
            "after the call")));
    };
    try {
        // The caller's work asks its monitor, whose handlers may fork.
        while (!is_forked() && work_on_an_item(caller_)) {
        }
        require_threads();
        for (int spin = 0; others_work(); ++spin) {
            if (spin < spins) {
                pause_in_loop();
                continue;
            }
            std::this_thread::yield();
            caller_.pacer.poll(cost::between_clock_reads);
            require_threads();
        }
    } catch (...) {
        if (is_forked()) throw;
        cancellation_.cancelled.store(true);
        // Items that no thread has begun count as done.
        const std::uint64_t left = job_.exchange(number << 32) & UINT32_MAX;
        done_.fetch_add(static_cast<std::uint32_t>(left));
        while (others_work()) std::this_thread::yield();
        cancellation_.cancelled.store(false);
        throw;
    }
}

// Returns whether an item was left.
bool ThreadTeam::work_on_an_item(Worker& worker) {
    std::uint64_t job = job_.load(std::memory_order_acquire);
    do {
        if ((job & UINT32_MAX) == 0) return false;
    } while (!job_.compare_exchange_weak(job, job - 1, std::memory_order_acq_rel));
    struct Done {
        std::atomic<std::uint32_t>& count;
        ~Done() { count.fetch_add(1, std::memory_order_release); }
    } const done{done_};
    call_(context_, items_ - static_cast<std::uint32_t>(job), worker);
    return true;
}

void ThreadTeam::worker_main(std::size_t index) {
    const DefaultFpEnvironment environment;
    Pacer pacer(cancellation_);
    Worker worker{index, pacer};
    std::uint64_t seen = 0;
    while (true) {
        for (int spin = 0; spin < spins && job_.load() == seen; ++spin) pause_in_loop();
        job_.wait(seen);
        if (closing_.load()) return;
        try {
            while (work_on_an_item(worker)) {
            }
        } catch (const Interrupted&) {  // the caller's own exception is the one rethrown
        }
        seen = job_.load();
        if (closing_.load()) return;  // otherwise wait() could miss the change already seen
        // A new job may have arrived since the last attempt to claim an item.
        if ((seen & UINT32_MAX) != 0) seen = 0;
    }
}

}  // namespace denseloop
