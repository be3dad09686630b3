// Guards a network's parameters against use by two threads at a time.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <stdexcept>

namespace denseloop {

struct InUse : std::runtime_error {
    InUse() : std::runtime_error("this network is in use by another training or thread") {}
};

// Any number of threads may read the parameters, or one may train them. A caller that would have to
// wait gets a std::runtime_error instead.
class ParameterLock {
public:
    std::shared_lock<std::shared_mutex> for_reading() {
        return require_owned(std::shared_lock(mutex_, std::try_to_lock));
    }
    std::unique_lock<std::shared_mutex> for_training() {
        return require_owned(std::unique_lock(mutex_, std::try_to_lock));
    }

    // Waits for the readers.
    std::unique_lock<std::shared_mutex> for_writing() { return std::unique_lock(mutex_); }

private:
    template <class Lock>
    static Lock require_owned(Lock lock) {
        if (!lock) throw InUse();
        return lock;
    }

    std::shared_mutex mutex_;
};

}  // namespace denseloop
