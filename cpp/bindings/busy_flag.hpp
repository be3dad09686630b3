// Tells whether some memory is in use.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "base/forks.hpp"

namespace denseloop {

class BusyFlag {
public:
    BusyFlag() = default;
    BusyFlag(const BusyFlag&) = delete;
    BusyFlag& operator=(const BusyFlag&) = delete;

    bool is_held() const { return holder_ == held_now(); }

    // Holds the flag while it lives, if it was free.
    class Use {
    public:
        explicit Use(BusyFlag& flag) : flag_(flag.acquire() ? &flag : nullptr) {}
        ~Use() {
            if (flag_ != nullptr) flag_->release();
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        explicit operator bool() const { return flag_ != nullptr; }

    private:
        BusyFlag* const flag_;
    };

    // Holds the flag while it lives, after the thread that holds it now. That one has only some
    // instructions to go, and does not wait for Python.
    class Turn {
    public:
        explicit Turn(BusyFlag& flag) : flag_(flag) {
            while (!flag_.acquire()) std::this_thread::sleep_for(std::chrono::microseconds(1));
        }
        ~Turn() { flag_.release(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        BusyFlag& flag_;
    };

    // Called in the child of a fork. It goes on with the calls in whose handlers and callbacks it
    // forked, and what they hold is held still. Nobody else is there.
    static void keep_what_this_thread_holds() {
        for (BusyFlag* each = held_here_; each != nullptr; each = each->next_) {
            each->holder_ = held_now();
        }
    }

private:
    static std::uint64_t held_now() { return std::uint64_t{forks} + 1; }

    // Returns whether the flag was free and is now held.
    bool acquire() {
        const std::uint64_t mine = held_now();
        std::uint64_t found = holder_.load(std::memory_order_relaxed);
        if (found == mine ||
            !holder_.compare_exchange_strong(found, mine, std::memory_order_acquire)) {
            return false;
        }
        link_ = &held_here_;
        next_ = *link_;
        if (next_ != nullptr) next_->link_ = &next_;
        *link_ = this;
        return true;
    }
    void release() {
        *link_ = next_;
        if (next_ != nullptr) next_->link_ = link_;
        holder_.store(0, std::memory_order_release);
    }

    std::atomic<std::uint64_t> holder_{0};  // 1 + the forks of its process; 0 if it is free
    // The flags that a thread holds are a list, which that thread alone uses; link_ is what leads
    // to this one.
    BusyFlag **link_ = nullptr, *next_ = nullptr;
    static inline thread_local BusyFlag* held_here_ = nullptr;
};

}  // namespace denseloop
