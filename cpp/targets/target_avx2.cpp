#define DENSELOOP_TARGET avx2
#define DENSELOOP_SIMD "simd/avx2.hpp"
#include "kernels/all_kernels.hpp"
#include "targets/targets.hpp"

namespace denseloop {
const KernelTable avx2_kernels = {"avx2", avx2::kernels<float>, avx2::kernels<double>};
}
