#define DENSELOOP_TARGET baseline
#define DENSELOOP_SIMD "simd/portable.hpp"
#include "kernels/all_kernels.hpp"
#include "targets/targets.hpp"

namespace denseloop {
const KernelTable baseline_kernels = {"baseline", baseline::kernels<float>,
                                      baseline::kernels<double>};
}
