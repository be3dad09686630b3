// Who may use a network's parameters.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <stdexcept>

namespace denseloop {

// Held while a network's parameters are read (by any number of threads) or trained (by one).
class ParameterLock {
public:
    std::shared_lock<std::shared_mutex> for_reading() {
        return held(std::shared_lock(mutex_, std::try_to_lock));
    }
    std::unique_lock<std::shared_mutex> for_training() {
        return held(std::unique_lock(mutex_, std::try_to_lock));
    }

private:
    template <class Lock>
    static Lock held(Lock lock) {
        if (!lock) throw std::runtime_error("this network is in use by another training or thread");
        return lock;
    }

    std::shared_mutex mutex_;
};

}  // namespace denseloop
