// Threads that live no longer than one call, so that a fork before or after it finds none. One in
// the middle of it (by a signal's handler, say) interrupts the call in the child.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/forks.hpp"
#include "base/pacer.hpp"
#include "base/system.hpp"

namespace denseloop {

class ThreadTeam {
public:
    // A thread of the team; index 0 is the caller.
    struct Worker {
        std::size_t index;
        Pacer& pacer;
    };

    // `threads` counts the caller and is at least 1. The caller's pacer interrupts all of them.
    ThreadTeam(std::size_t threads, Pacer& pacer);
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    std::size_t size() const { return threads_.size() + 1; }

    // Calls f(item, worker) once for each item below `items`, in any order, on all threads, and
    // returns when all are done. On the other threads f may throw only the pacer's Interrupted. An
    // exception on the caller's thread is rethrown when no item is running.
    template <class F>
    void for_each(std::size_t items, const F& f) {
        if (threads_.empty()) {
            for (std::size_t item = 0; item < items; ++item) f(item, caller_);
            return;
        }
        call_ = [](const void* context, std::size_t item, Worker& worker) {
            (*static_cast<const F*>(context))(item, worker);
        };
        context_ = &f;
        run(items);
    }

private:
    // Interrupts the other threads after the caller was interrupted.
    class Cancellation : public Monitor {
    public:
        bool keep_going(std::size_t, double) override { return !cancelled.load(); }
        std::atomic<bool> cancelled{false};
    };

    // Whether this is the child of a fork, where the other threads do not exist.
    bool is_forked() const { return forks_ != forks; }
    void run(std::size_t items);
    bool work_on_an_item(Worker& worker);
    void worker_main(std::size_t index);

    const std::uint32_t forks_ = forks;  // when the threads were started
    Worker caller_;
    Cancellation cancellation_;
    void (*call_)(const void* context, std::size_t item, Worker& worker) = nullptr;
    const void* context_ = nullptr;
    std::uint32_t items_ = 0;
    // The number of the job in the upper half, the items not yet begun in the lower. Subtracting 1
    // claims an item; the job's other fields may be read only between that and `done_`.
    alignas(64) std::atomic<std::uint64_t> job_{0};
    alignas(64) std::atomic<std::uint32_t> done_{0};
    std::atomic<bool> closing_{false};
    std::vector<Thread> threads_;
};

}  // namespace denseloop
