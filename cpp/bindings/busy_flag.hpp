// Tells whether some memory is in use, without waiting.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/forks.hpp"

namespace denseloop {

class BusyFlag {
public:
    // Returns whether the flag was free and is now held.
    bool acquire() {
        const std::uint64_t mine = std::uint64_t{forks} + 1;
        std::uint64_t found = holder_.load(std::memory_order_relaxed);
        return found != mine &&
               holder_.compare_exchange_strong(found, mine, std::memory_order_acquire);
    }
    void release() { holder_.store(0, std::memory_order_release); }
    bool is_held() const { return holder_ == std::uint64_t{forks} + 1; }

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

private:
    std::atomic<std::uint64_t> holder_{0};  // 1 + the forks of its process; 0 if it is free
};

}  // namespace denseloop
