#include "checks.hpp"
#include "function_calls.hpp"
#include "targets/dispatch.hpp"

namespace denseloop::check {
namespace {

template <class T>
void check_function(const std::string& name, Function<T> kernel, const std::vector<T>& x,
                    const std::vector<T>& expected) {
    for (const bool in_place : {false, true}) {
        expect_same_values(values_of(kernel, x, 0, in_place), expected, x, name);
        for (std::size_t k = 0; k < x.size(); ++k) {
            expect_same_values(values_of<T>(kernel, {x[k]}, 0, in_place), {expected[k]}, {x[k]},
                               name + " of one number");
        }
        // A short array ends within a vector; the last numbers are the largest, infinity and NaN.
        constexpr std::ptrdiff_t longest = 3 * vector_lanes<T>;
        for (std::ptrdiff_t count = 0; count <= longest; ++count) {
            const std::vector<T> last_x(x.end() - count, x.end());
            const std::vector<T> last_expected(expected.end() - count, expected.end());
            for (const std::size_t offset : {0, 1}) {
                expect_same_values(values_of(kernel, last_x, offset, in_place), last_expected,
                                   last_x, name + " of " + std::to_string(count) + " numbers");
            }
        }
    }
}

}  // namespace

template <class T>
void check_functions(const CaseRecords<T>& records) {
    check_function("sigmoid", active_kernels<T>().sigmoid, records.x, records.sigmoid);
    check_function("sigmoid_derivative", active_kernels<T>().sigmoid_derivative, records.x,
                   records.sigmoid_derivative);
}

template void check_functions(const CaseRecords<float>&);
template void check_functions(const CaseRecords<double>&);

}  // namespace denseloop::check
