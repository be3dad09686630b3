// What operating systems do differently: forks, huge pages, and the ends and stacks of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/compiler.hpp"
#if !DENSELOOP_WINDOWS
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#endif
#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

namespace denseloop {

// Calls f in the child of each fork from now on, on its only thread, after what was given before.
inline void after_each_fork([[maybe_unused]] void (*f)()) {
#if !DENSELOOP_WINDOWS
    pthread_atfork(nullptr, nullptr, f);
#endif
}

// Asks for huge pages in a block that begins with one.
inline void prefer_huge_pages([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#if defined(MADV_HUGEPAGE)
    madvise(block, bytes, MADV_HUGEPAGE);
#endif
}

// Calls f(). If that ends the thread by unwinding its C++ frames, waits for the end of the process
// instead. Only libstdc++ unwinds, and not on Windows.
template <class F>
void or_wait_where_unwound(const F& f) {
#if defined(__GLIBCXX__) && !DENSELOOP_WINDOWS
    try {
        f();
    } catch (const abi::__forced_unwind&) {
        while (true) pause();
    }
#else
    f();
#endif
}

#if DENSELOOP_WINDOWS

using Thread = std::thread;

#else

// A thread whose stack has at least 1 MiB, since a kernel keeps up to 100 KB of weights there. musl
// gives a std::thread 128 KiB; other systems give half a MiB or more. To have the weights in the
// workspace would add an argument to that kernel, and memory to every call.
class Thread {
    using Work = std::function<void()>;

public:
    explicit Thread(Work work) {
        auto owned = std::make_unique<Work>(std::move(work));
        pthread_attr_t attributes;
        require(pthread_attr_init(&attributes));
        std::size_t bytes = least_stack;
        pthread_attr_getstacksize(&attributes, &bytes);
        if (bytes < least_stack) pthread_attr_setstacksize(&attributes, least_stack);
        const int error = pthread_create(&thread_, &attributes, &run, owned.get());
        pthread_attr_destroy(&attributes);
        require(error);
        owned.release();  // run() has it now
    }

    void join() { pthread_join(thread_, nullptr); }

private:
    static constexpr std::size_t least_stack = std::size_t{1} << 20;

    static void require(int error) {
        if (error != 0) throw std::system_error(error, std::generic_category());
    }
    static void* run(void* work) {
        const std::unique_ptr<Work> owned(static_cast<Work*>(work));
        (*owned)();
        return nullptr;
    }

    pthread_t thread_;
};

#endif

}  // namespace denseloop
