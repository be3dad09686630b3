// Tells whether some memory is in use, without waiting.
#pragma once

#include <atomic>

namespace denseloop {

class BusyFlag {
public:
    // Returns whether the flag was free and is now held.
    bool acquire() { return !busy_.exchange(true, std::memory_order_acquire); }
    void release() { busy_.store(false, std::memory_order_release); }

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
    std::atomic<bool> busy_{false};
};

}  // namespace denseloop
