// The kernel tables of the target files, one line for each target.
#pragma once

#include "kernels/kernel_table.hpp"

namespace denseloop {

extern const KernelTable baseline_kernels;
extern const KernelTable avx2_kernels;
extern const KernelTable avx512_kernels;
extern const KernelTable neon_kernels;

}  // namespace denseloop
