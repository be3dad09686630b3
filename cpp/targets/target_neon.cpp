#define DENSELOOP_TARGET neon
#define DENSELOOP_SIMD "simd/neon.hpp"
#include "kernels/all_kernels.hpp"
#include "targets/targets.hpp"

namespace denseloop {
const KernelTable neon_kernels = {"neon", neon::kernels<float>, neon::kernels<double>};
}
