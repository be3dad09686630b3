#define DENSELOOP_TARGET avx2
#define DENSELOOP_SIMD "simd_avx2.hpp"
#include "fused_kernels.hpp"
#include "targets.hpp"

namespace denseloop {
const KernelTable avx2_kernels = {"avx2", avx2::kernels<float>, avx2::kernels<double>};
}
