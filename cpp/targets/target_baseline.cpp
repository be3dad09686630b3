#define DENSELOOP_TARGET baseline
#define DENSELOOP_SIMD "simd/portable.hpp"
// The fallback is not flattened: with vectors of plain numbers it would take minutes to compile.
#define DENSELOOP_FLATTEN
#include "kernels/all_kernels.hpp"
#include "targets/targets.hpp"

namespace denseloop {
const KernelTable baseline_kernels = {"baseline", baseline::kernels<float>,
                                      baseline::kernels<double>};
}
