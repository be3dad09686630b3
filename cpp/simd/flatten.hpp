// DENSELOOP_FLATTEN marks a kernel that inlines everything it calls.
//
// Without it GCC keeps some calls in a file as large as a target's. A call passes vectors through
// memory in two halves, which defeats store forwarding. An emulated multiply-add or a sanitizer's
// checks would make the flattened kernel too large to compile.
#pragma once

#include "simd/scalar_fma.hpp"

#if DENSELOOP_HAS_FMA && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DENSELOOP_FLATTEN [[gnu::flatten]]
#else
#define DENSELOOP_FLATTEN
#endif
