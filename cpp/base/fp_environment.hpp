// The floating-point environment of a kernel: round to nearest, subnormals kept, no traps. The
// guard restores the caller's settings and exception flags when it is destroyed.
#pragma once

#include "base/compiler.hpp"
#if DENSELOOP_X86_64
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace denseloop {

class DefaultFpEnvironment {
public:
    DefaultFpEnvironment(const DefaultFpEnvironment&) = delete;
    DefaultFpEnvironment& operator=(const DefaultFpEnvironment&) = delete;

#if DENSELOOP_X86_64
    DefaultFpEnvironment() : found_(_mm_getcsr()) { _mm_setcsr(0x1F80); }
    ~DefaultFpEnvironment() { _mm_setcsr(found_); }

private:
    unsigned found_;
#else
    DefaultFpEnvironment() {
        std::fegetenv(&found_);
        std::fesetenv(FE_DFL_ENV);
    }
    ~DefaultFpEnvironment() { std::fesetenv(&found_); }

private:
    std::fenv_t found_;
#endif
};

// Returns f(), computed in that environment. The call is not inlined: the compiler would move
// arithmetic across the guard, and its exception flags would leak out or be mistaken for the
// caller's.
template <class F>
DENSELOOP_NOINLINE auto call_apart(const F& f) {
    return f();
}
template <class F>
auto in_default_environment(const F& f) {
    const DefaultFpEnvironment environment;
    return call_apart(f);
}

}  // namespace denseloop
