#define DENSELOOP_TARGET avx512
#define DENSELOOP_SIMD "simd/avx512.hpp"
#include "kernels/all_kernels.hpp"
#include "targets/targets.hpp"

namespace denseloop {
const KernelTable avx512_kernels = {"avx512", avx512::kernels<float>, avx512::kernels<double>};
}
