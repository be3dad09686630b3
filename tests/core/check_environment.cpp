#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstdint>

#include "checks.hpp"
#include "core_calls.hpp"
#include "function_calls.hpp"
#include "targets/dispatch.hpp"

namespace denseloop::check {
namespace {

// The control and status bits of the floating-point unit, and the settings to try.
#if defined(__x86_64__)

using Settings = std::uint64_t;
Settings settings() { return _mm_getcsr(); }
void set(Settings bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
constexpr Settings usual = 0x1F80;
constexpr struct {
    const char* name;
    Settings bits;
} all_settings[] = {{"the usual settings", usual},
                    {"rounding down", usual | 0x2000},
                    {"rounding up", usual | 0x4000},
                    {"rounding to zero", usual | 0x6000},
                    {"flush to zero, denormals are zero", usual | 0x8040},
                    {"every exception traps", 0},
                    {"every flag raised", usual | 0x3F}};

#elif defined(__aarch64__)

// FPCR in the upper half, FPSR in the lower.
using Settings = std::uint64_t;
Settings settings() {
    std::uint64_t control, status;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(status)::"memory");
    return control << 32 | status;
}
void set(Settings bits) {
    __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" ::"r"(bits >> 32), "r"(bits & 0xFFFFFFFF)
                     : "memory");
}
constexpr Settings usual = 0;
constexpr struct {
    const char* name;
    Settings bits;
} all_settings[] = {{"the usual settings", usual},
                    {"rounding up", Settings(0x400000) << 32},
                    {"rounding down", Settings(0x800000) << 32},
                    {"rounding to zero", Settings(0xC00000) << 32},
                    {"flush to zero", Settings(0x1000000) << 32},
                    {"every flag raised", 0x9F}};

#else
#error "the settings of this CPU's floating-point unit are not known to the test"
#endif

// Restores what was set, also where a check fails.
class Restored {
public:
    ~Restored() { set(found_); }

private:
    Settings found_ = settings();
};

// Calls compute() under each of the settings, which must be there afterwards, and without a flag
// that was not there before; then compare(name) under the usual ones.
template <class Compute, class Compare>
void under_all_settings(Compute compute, Compare compare) {
    for (const auto& each : all_settings) {
        Settings after;
        {
            const Restored restored;
            set(each.bits);
            compute();
            after = settings();
        }
        expect(after == each.bits, std::string(each.name) + ": expected the settings " +
                                       std::to_string(each.bits) + " afterwards, found " +
                                       std::to_string(after));
        compare(std::string(each.name) + ": ");
    }
}

}  // namespace

template <class T>
void check_training_environment(const Case<T>& c) {
    constexpr std::size_t epochs = 1;
    const Network<T> start(c, c.initial_parameters);
    const Trained<T> expected = train_from(start, c, epochs);
    Trained<T> trained = expected;
    LossAndGradient<T> found;
    std::vector<T> predictions;
    under_all_settings(
        [&] {
            trained = train_from(start, c, epochs);
            found = loss_and_gradient_at(c.parameters, c);
            predictions = predictions_at(c.parameters, c);
        },
        [&](const std::string& name) {
            expect_same_bits(trained.losses, expected.losses, name + "losses");
            expect_same_bits(trained.parameters(), expected.parameters(), name + "parameters");
            expect_same_bits(&found.loss, &c.loss, 1, name + "loss");
            expect_same_bits(found.gradient, c.gradient, name + "gradient");
            expect_same_bits(predictions, c.predictions, name + "predictions");
        });
}

template <class T>
void check_function_environment(const CaseRecords<T>& records) {
    const auto& kernels = active_kernels<T>();
    std::vector<T> sigmoid(records.x.size()), derivative(records.x.size());
    under_all_settings(
        [&] {
            sigmoid = values_of(kernels.sigmoid, records.x);
            derivative = values_of(kernels.sigmoid_derivative, records.x);
        },
        [&](const std::string& name) {
            expect_same_values(sigmoid, records.sigmoid, records.x, name + "sigmoid");
            expect_same_values(derivative, records.sigmoid_derivative, records.x,
                               name + "sigmoid_derivative");
        });
}

#define DENSELOOP_INSTANTIATE(T)                              \
    template void check_training_environment(const Case<T>&); \
    template void check_function_environment(const CaseRecords<T>&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop::check
