#define DENSELOOP_TARGET neon
#define DENSELOOP_SIMD "simd_neon.hpp"
#include "fused_kernels.hpp"
#include "targets.hpp"

namespace denseloop {
const KernelTable neon_kernels = {"neon", neon::kernels<float>, neon::kernels<double>};
}
