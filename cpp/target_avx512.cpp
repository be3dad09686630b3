#define DENSELOOP_TARGET avx512
#define DENSELOOP_SIMD "simd_avx512.hpp"
#include "fused_kernels.hpp"
#include "targets.hpp"

namespace denseloop {
const KernelTable avx512_kernels = {"avx512", avx512::kernels<float>, avx512::kernels<double>};
}
