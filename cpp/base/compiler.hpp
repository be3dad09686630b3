// What compilers spell differently, or predefine under names of their own: the CPU and system that
// they compile for, attributes and hints. Besides this file only arithmetic.hpp, cpu.hpp and
// system.hpp have any of it (tests/house/test_portable_source.py).
//
// GCC, Clang and clang-cl know the GNU forms. MSVC has forms of its own for all but what is marked
// below as the kernels' need: it cannot compile those, and CMakeLists.txt refuses it.
#pragma once

#if defined(__GNUC__) || defined(__clang__)  // clang-cl is no __GNUC__
#define DENSELOOP_GNU_FORMS 1
#else
#define DENSELOOP_GNU_FORMS 0
#include <intrin.h>
#endif

// ---- the CPU and the system

#if defined(__x86_64__) || defined(_M_X64)
#define DENSELOOP_X86_64 1
#else
#define DENSELOOP_X86_64 0
#endif

#if defined(__aarch64__) || defined(_M_ARM64)
#define DENSELOOP_ARM_64 1
#else
#define DENSELOOP_ARM_64 0
#endif

// Whether the flags of this file allow an instruction that multiplies and adds. MSVC has no macro
// for it, but allows it together with AVX2.
#if defined(__FMA__) || defined(__FP_FAST_FMA) || DENSELOOP_ARM_64 || \
    (!DENSELOOP_GNU_FORMS && defined(__AVX2__))
#define DENSELOOP_HAS_FMA 1
#else
#define DENSELOOP_HAS_FMA 0
#endif

#if defined(_WIN32)
#define DENSELOOP_WINDOWS 1
#else
#define DENSELOOP_WINDOWS 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DENSELOOP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DENSELOOP_SANITIZED 1
#endif
#endif
#if !defined(DENSELOOP_SANITIZED)
#define DENSELOOP_SANITIZED 0
#endif

// ---- attributes, which stand in front of a declaration

#if DENSELOOP_GNU_FORMS
#define DENSELOOP_ALWAYS_INLINE [[gnu::always_inline]]
#define DENSELOOP_NOINLINE [[gnu::noinline]]
#else
#define DENSELOOP_ALWAYS_INLINE [[msvc::forceinline]]
#define DENSELOOP_NOINLINE [[msvc::noinline]]
#endif

// A kernel that inlines everything it calls.
//
// Without it GCC keeps some calls in a file as large as a target's. A call passes vectors through
// memory in two halves, which defeats store forwarding. A sanitizer's checks would make such a
// kernel too large to compile. A target may define the macro itself.
#if !defined(DENSELOOP_FLATTEN)
#if DENSELOOP_SANITIZED
#define DENSELOOP_FLATTEN
#elif DENSELOOP_GNU_FORMS
#define DENSELOOP_FLATTEN [[gnu::flatten]]
#else
#define DENSELOOP_FLATTEN [[msvc::flatten]]
#endif
#endif

// ---- hints. All functions are always inlined, since two targets must not share one.

namespace denseloop {

// Ends a branch that is never taken.
[[noreturn]] DENSELOOP_ALWAYS_INLINE inline void unreachable() {
#if DENSELOOP_GNU_FORMS
    __builtin_unreachable();
#else
    __assume(0);
#endif
}

// Asks the second-level cache for a line that will be read.
DENSELOOP_ALWAYS_INLINE inline void prefetch(const char* line) {
#if DENSELOOP_GNU_FORMS
    __builtin_prefetch(line, 0, 2);
#elif DENSELOOP_X86_64
    _mm_prefetch(line, _MM_HINT_T1);
#else
    __prefetch(line);
#endif
}

}  // namespace denseloop

// ---- the kernels' need, which MSVC does not meet

#if DENSELOOP_GNU_FORMS

// Stands after a lambda's parameters.
#define DENSELOOP_ALWAYS_INLINE_LAMBDA __attribute__((always_inline))

// The compiler takes the value as unknown: it keeps a register rather than load it again, and keeps
// the order of what is in memory.
#if DENSELOOP_ARM_64
#define DENSELOOP_PIN_REGISTER(vector) asm("" : "+w"(vector))
#else
#define DENSELOOP_PIN_REGISTER(vector) asm("" : "+x"(vector))
#endif
#define DENSELOOP_PIN_MEMORY(array) asm("" : "+m"(array))

namespace denseloop {

// Numbers in a register of this many bytes, with the operators of one number.
template <class T, int bytes>
struct RegisterOf {
    typedef T type __attribute__((vector_size(bytes)));
};

}  // namespace denseloop

#endif
