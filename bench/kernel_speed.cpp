// The speed of a layer's three products alone, as shares of the peak of each target: `make
// kernels`.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int rounds = 25;
constexpr double work_per_round = 1 << 22;  // multiply-adds, some 0.3 ms

template <class F>
double seconds(const F& f) {
    const auto start = Clock::now();
    f();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
AlignedBuffer<T> numbers(std::size_t count) {
    AlignedBuffer<T> buffer(count);
    for (std::size_t k = 0; k < count; ++k) {
        buffer.data()[k] = static_cast<T>(k * 2654435761u % 1000) / 1000 - T(0.5);
    }
    return buffer;
}

// Multiply-adds a second at the peak.
template <class T>
double peak(const Kernels<T>& kernels) {
    alignas(vector_bytes) const T zeros[roofline_vectors * vector_lanes<T>] = {};
    const auto count = static_cast<std::size_t>(work_per_round);
    return work_per_round / seconds([&] { kernels.multiply_adds(zeros, T(1), count); });
}

// The share of the peak at which f makes `work` multiply-adds. Both are timed in turn, and the best
// decile counts, since others use the machine.
template <class T, class F>
double share(const Kernels<T>& kernels, double work, const F& f) {
    const int times = std::max(1, static_cast<int>(work_per_round / work));
    std::vector<double> shares;
    for (int round = 0; round < rounds; ++round) {
        const double before = peak(kernels);
        const double took = seconds([&] {
            for (int k = 0; k < times; ++k) f();
        });
        shares.push_back(times * work / took / std::max(before, peak(kernels)));
    }
    std::sort(shares.begin(), shares.end());
    return shares[rounds * 9 / 10];
}

template <class T>
void print_row(const char* dtype, std::size_t fan_in, std::size_t fan_out) {
    const Kernels<T>& kernels = active_kernels<T>();
    constexpr std::size_t vectors = 16;
    const std::size_t stride = tile_stride<T>(vectors), samples = vectors * vector_lanes<T>;
    const std::size_t n_parameters = (fan_in + 1) * fan_out;
    const Layer layer{.fan_in = fan_in,
                      .fan_out = fan_out,
                      .weights = 0,
                      .stride = fan_out,
                      .bias = fan_in * fan_out,
                      .end = n_parameters,
                      .has_bias = true,
                      .activation = {Activation::identity, 0}};
    const auto parameters = numbers<T>(n_parameters), input = numbers<T>(fan_in * stride),
               delta = numbers<T>(fan_out * stride);
    auto gradient = numbers<T>(n_parameters), z = numbers<T>(fan_out * stride),
         below = numbers<T>(fan_in * stride);
    const double work = static_cast<double>(fan_in * fan_out * samples);
    const double affine = share(kernels, work, [&] {
        kernels.affine(layer, {0, fan_out}, {0, fan_in}, parameters.data(), input.data(), z.data(),
                       samples);
    });
    const double propagate = share(kernels, work, [&] {
        kernels.propagate(layer, {0, fan_in}, layer.activation, DerivativeAt::pre_activation,
                          parameters.data(), input.data(), delta.data(), below.data(), vectors);
    });
    const double layer_gradient = share(kernels, work, [&] {
        kernels.layer_gradient(layer, {0, fan_in}, input.data(), delta.data(), gradient.data(),
                               samples, false);
    });
    std::printf("%s %s %zu -> %zu: affine %.0f %%, propagate %.0f %%, gradient %.0f %%\n",
                active_target().name, dtype, fan_in, fan_out, 100 * affine, 100 * propagate,
                100 * layer_gradient);
}

void print_table() {
    constexpr std::size_t sizes[][2] = {{16, 16},   {64, 32},     {784, 128},
                                        {512, 512}, {1024, 1024}, {2000, 2000}};
    for (const std::string& target : available_targets()) {
        if (target == "baseline") continue;  // it has no multiply-add to compare with
        force_target(target);
        for (const auto& [fan_in, fan_out] : sizes) {
            print_row<double>("float64", fan_in, fan_out);
            print_row<float>("float32", fan_in, fan_out);
        }
    }
}

}  // namespace
}  // namespace denseloop

int main() { denseloop::print_table(); }
