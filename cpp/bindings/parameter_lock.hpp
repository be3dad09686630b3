// Guards a network's parameters against use by two threads at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bindings/forks.hpp"

namespace denseloop {

struct InUse : std::runtime_error {
    InUse() : std::runtime_error("this network is in use by another training or thread") {}
};

// Any number of threads may read the parameters, or one may train them. A caller that would have to
// wait gets a std::runtime_error instead.
class ParameterLock {
public:
    // Holds the lock while it lives.
    class Hold {
    public:
        Hold(ParameterLock* lock, std::uint32_t share) : lock_(lock), share_(share) {}
        Hold(Hold&& other) noexcept
            : lock_(std::exchange(other.lock_, nullptr)), share_(other.share_) {}
        Hold& operator=(Hold&&) = delete;
        ~Hold() {
            if (lock_ != nullptr) lock_->release(share_);
        }

    private:
        ParameterLock* lock_;
        const std::uint32_t share_;
    };

    Hold for_reading() { return require_held(1); }
    Hold for_training() { return require_held(all); }

    // Waits for the readers.
    Hold for_writing() {
        while (!try_to_hold(all)) std::this_thread::yield();
        return {this, all};
    }

private:
    static constexpr std::uint32_t all = UINT32_MAX;  // readers have 1 each

    Hold require_held(std::uint32_t share) {
        if (!try_to_hold(share)) throw InUse();
        return {this, share};
    }

    // The shares that threads of this process hold.
    static std::uint32_t held(std::uint64_t state) {
        return state >> 32 == forks ? static_cast<std::uint32_t>(state) : 0;
    }
    static std::uint64_t state_of(std::uint32_t held) { return std::uint64_t{forks} << 32 | held; }

    bool try_to_hold(std::uint32_t share) {
        std::uint64_t state = state_;
        do {
            if (held(state) > all - share) return false;
        } while (!state_.compare_exchange_weak(state, state_of(held(state) + share)));
        return true;
    }

    void release(std::uint32_t share) {
        std::uint64_t state = state_;
        do {
            if (held(state) < share) return;  // it was taken before a fork
        } while (!state_.compare_exchange_weak(state, state_of(held(state) - share)));
    }

    std::atomic<std::uint64_t> state_{0};  // the forks of its holders' process, and their shares
};

}  // namespace denseloop
