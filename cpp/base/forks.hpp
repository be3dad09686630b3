// Counts forks. The child has the memory of all threads, but only the one that forked: what another
// one held counts as free there, and nobody waits for it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/system.hpp"

namespace denseloop {

// The number of forks between the process that imported the module and this one.
inline std::atomic<std::uint32_t> forks{0};

// Called once, when the module is imported.
inline void count_forks() {
    after_each_fork([] { ++forks; });
}

}  // namespace denseloop
