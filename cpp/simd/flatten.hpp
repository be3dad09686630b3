// DENSELOOP_FLATTEN marks a kernel that inlines everything it calls.
//
// Otherwise GCC leaves some calls in files as large as a target's and passes vectors through memory
// as two half stores, which defeats store forwarding. The targets that emulate the multiply-add,
// and a sanitizer's checks, would make such a kernel too large to compile.
#pragma once

#include "simd/scalar_fma.hpp"

#if DENSELOOP_HAS_FMA && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DENSELOOP_FLATTEN [[gnu::flatten]]
#else
#define DENSELOOP_FLATTEN
#endif
