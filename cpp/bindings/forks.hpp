// Whether a lock was taken before a fork. Its holder does not exist in the child, where it counts
// as free.
#pragma once

#include <atomic>
#include <cstdint>
#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace denseloop {

// The number of forks between the process that imported the module and this one.
inline std::atomic<std::uint32_t> forks{0};

// Called once, when the module is imported.
inline void count_forks() {
#if __has_include(<pthread.h>)
    pthread_atfork(nullptr, nullptr, [] { ++forks; });
#endif
}

}  // namespace denseloop
