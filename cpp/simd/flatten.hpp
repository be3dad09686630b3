// DENSELOOP_FLATTEN marks a kernel that inlines everything it calls.
//
// Without it GCC keeps some calls in a file as large as a target's. A call passes vectors through
// memory in two halves, which defeats store forwarding. A sanitizer's checks would make such a
// kernel too large to compile. A target may define the macro itself.
#pragma once

#if !defined(DENSELOOP_FLATTEN)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DENSELOOP_FLATTEN
#else
#define DENSELOOP_FLATTEN [[gnu::flatten]]
#endif
#endif
