// What operating systems do differently: forks, huge pages, and the stacks of threads.
#pragma once

#include <cstddef>

#include "base/compiler.hpp"
#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif
#if DENSELOOP_WINDOWS
#include <thread>
#else
#include <pthread.h>

#include <functional>
#include <memory>
#include <system_error>
#include <utility>
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

#if DENSELOOP_WINDOWS

using Thread = std::thread;

#else

// A thread whose stack has at least 1 MiB, where a kernel keeps up to 100 KB of weights. musl gives
// a std::thread 128 KiB, of which code of the caller's may need some too; the others give 512 KiB
// or more, which is left as it is. To have the weights in the workspace instead would add an
// argument to a kernel, and cost each thread that memory in every call.
class Thread {
public:
    explicit Thread(std::function<void()> work) {
        auto owned = std::make_unique<std::function<void()> >(std::move(work));
        pthread_attr_t attributes;
        check(pthread_attr_init(&attributes));
        std::size_t bytes = 0;
        pthread_attr_getstacksize(&attributes, &bytes);
        if (bytes < least_stack) pthread_attr_setstacksize(&attributes, least_stack);
        const int error = pthread_create(&thread_, &attributes, &run, owned.get());
        pthread_attr_destroy(&attributes);
        check(error);
        owned.release();  // now the thread's
    }

    void join() { pthread_join(thread_, nullptr); }

private:
    static constexpr std::size_t least_stack = std::size_t{1} << 20;

    static void check(int error) {
        if (error != 0) throw std::system_error(error, std::generic_category());
    }
    static void* run(void* work) {
        const std::unique_ptr<std::function<void()> > owned(
            static_cast<std::function<void()>*>(work));
        (*owned)();
        return nullptr;
    }

    pthread_t thread_;
};

#endif

}  // namespace denseloop
