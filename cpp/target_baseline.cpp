#define DENSELOOP_TARGET baseline
#define DENSELOOP_SIMD "simd_portable.hpp"
#include "fused_kernels.hpp"
#include "targets.hpp"

namespace denseloop {
const KernelTable baseline_kernels = {"baseline", baseline::kernels<float>,
                                      baseline::kernels<double>};
}
