// What a CPU is asked for directly: which vectors it has, and to wait for another thread.
#pragma once

#include <cstdint>

#include "base/compiler.hpp"
#if DENSELOOP_X86_64
#include <immintrin.h>
#endif

namespace denseloop {

// Tells the CPU that the thread waits in a loop.
inline void pause_in_loop() {
#if DENSELOOP_X86_64
    _mm_pause();
#elif DENSELOOP_ARM_64 && DENSELOOP_GNU_FORMS
    asm volatile("yield");
#elif DENSELOOP_ARM_64
    __yield();
#endif
}

#if DENSELOOP_X86_64

// Which vector instructions the CPU has and the system saves the registers of.
class X86Vectors {
public:
    X86Vectors() {
        constexpr std::uint32_t fma = 1u << 12, xgetbv = 1u << 27, avx = 1u << 28;
        if (registers_of_leaf(0).eax < 7) return;
        const std::uint32_t basic = registers_of_leaf(1).ecx;
        if ((basic & (xgetbv | avx)) != (xgetbv | avx)) return;
        const std::uint32_t saved = saved_registers();
        constexpr std::uint32_t avx2 = 1u << 5;
        constexpr std::uint32_t avx512 =
            1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
        const std::uint32_t extended = registers_of_leaf(7).ebx;
        constexpr std::uint32_t ymm = 0x6, zmm = 0xE6;  // with what they extend
        avx2_fma_ = (saved & ymm) == ymm && (basic & fma) != 0 && (extended & avx2) != 0;
        avx512_ = avx2_fma_ && (saved & zmm) == zmm && (extended & avx512) == avx512;
    }

    bool avx2_and_fma() const { return avx2_fma_; }
    bool avx512() const { return avx512_; }  // F, DQ, BW and VL, with the above

private:
    struct Registers {
        std::uint32_t eax, ebx, ecx, edx;
    };

    static Registers registers_of_leaf(std::uint32_t leaf) {
#if DENSELOOP_GNU_FORMS
        Registers found{leaf, 0, 0, 0};
        asm volatile("cpuid" : "+a"(found.eax), "=b"(found.ebx), "+c"(found.ecx), "=d"(found.edx));
        return found;
#else
        int found[4];
        __cpuidex(found, static_cast<int>(leaf), 0);
        return {static_cast<std::uint32_t>(found[0]), static_cast<std::uint32_t>(found[1]),
                static_cast<std::uint32_t>(found[2]), static_cast<std::uint32_t>(found[3])};
#endif
    }

    // The lower half of XCR0. The instruction is there where CPUID says so.
    static std::uint32_t saved_registers() {
#if DENSELOOP_GNU_FORMS
        std::uint32_t lower, upper;
        asm volatile("xgetbv" : "=a"(lower), "=d"(upper) : "c"(0));
        return lower;
#else
        return static_cast<std::uint32_t>(_xgetbv(0));
#endif
    }

    bool avx2_fma_ = false, avx512_ = false;
};

#endif

}  // namespace denseloop
