#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>

#include "checks.hpp"
#include "core_calls.hpp"

namespace denseloop::check {
namespace {

// A matrix copied to any strides, in a block of just that size, which an address sanitizer guards.
template <class T>
class Rearranged {
public:
    // Strides in elements, of any sign; the first byte used is `misalignment` bytes past an
    // aligned address.
    Rearranged(const std::vector<T>& rows, std::size_t columns, std::ptrdiff_t row_stride,
               std::ptrdiff_t column_stride, std::size_t misalignment) {
        constexpr std::ptrdiff_t size = sizeof(T);
        const MatrixView<T> from = view_of(rows, columns);
        const auto last_row = static_cast<std::ptrdiff_t>(from.rows) - 1;
        const auto last_column = static_cast<std::ptrdiff_t>(columns) - 1;
        const std::ptrdiff_t span =
            last_row * std::abs(row_stride) + last_column * std::abs(column_stride) + 1;
        memory_.resize(misalignment + static_cast<std::size_t>(span * size));
        // A negative stride starts at the far end.
        char* const first = memory_.data() + misalignment +
                            size * (last_row * std::max<std::ptrdiff_t>(0, -row_stride) +
                                    last_column * std::max<std::ptrdiff_t>(0, -column_stride));
        view_ = {first, from.rows, columns, row_stride * size, column_stride * size};
        for (std::size_t i = 0; i < from.rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                const T value = from.at(i, j);
                std::memcpy(first + static_cast<std::ptrdiff_t>(i) * view_.row_stride +
                                static_cast<std::ptrdiff_t>(j) * view_.column_stride,
                            &value, size);
            }
        }
    }

    const MatrixView<T>& view() const { return view_; }

private:
    std::vector<char> memory_;
    MatrixView<T> view_;
};

}  // namespace

template <class T>
void check_training(const Case<T>& c) {
    std::vector<T> outputs(c.epochs * c.samples * c.n_outputs());
    NeverStop monitor;
    const Trained<T> trained =
        train_from(Network<T>(c, c.initial_parameters), c, c.epochs, monitor, outputs.data());
    expect(trained.result.ending == Ending::epochs, "expected a completed training");
    expect_same_bits(trained.losses, c.losses, "losses");
    expect_same_bits(trained.parameters(), c.parameters, "parameters");
    const auto at_the_end = loss_and_gradient_at(trained.parameters(), c);
    expect_same_bits(&at_the_end.loss, &c.loss, 1, "loss");
    expect_same_bits(at_the_end.gradient, c.gradient, "gradient");
    expect_same_bits(predictions_at(trained.parameters(), c), c.predictions, "predictions");
    const std::vector<T> before = predictions_at(c.initial_parameters, c);
    if (c.shuffle_key) return;  // which samples came first is not known here
    const std::size_t first_batch = std::min(c.batch_size, c.samples);
    expect_same_bits(outputs.data(), before.data(), first_batch * c.n_outputs(),
                     "recorded outputs");
}

template <class T>
void check_views(const Case<T>& c) {
    const auto inputs = static_cast<std::ptrdiff_t>(c.n_inputs());
    const auto outputs = static_cast<std::ptrdiff_t>(c.n_outputs());
    const auto samples = static_cast<std::ptrdiff_t>(c.samples);
    struct {
        const char* name;
        std::ptrdiff_t X_row, X_column, y_row, y_column;
        std::size_t misalignment;
    } const arrangements[] = {
        {"by columns", 1, samples, 1, samples, 0},
        {"every third number", 3 * inputs, 3, 3 * outputs, 3, 0},
        {"backwards", -inputs, -1, -outputs, -1, 0},
        {"rows backwards, misaligned", -inputs - 5, 1, -outputs - 2, 1, 1},
        {"misaligned", inputs, 1, outputs, 1, sizeof(T) - 1},
    };
    for (const auto& a : arrangements) {
        const std::string name = a.name;
        const Rearranged<T> X(c.X, c.n_inputs(), a.X_row, a.X_column, a.misalignment);
        const Rearranged<T> y(c.y, c.n_outputs(), a.y_row, a.y_column, a.misalignment);
        const auto found = loss_and_gradient_at(c.parameters, c, X.view(), y.view());
        expect_same_bits(&found.loss, &c.loss, 1, name + ": loss");
        expect_same_bits(found.gradient, c.gradient, name + ": gradient");
        expect_same_bits(predictions_at(c.parameters, c, X.view()), c.predictions,
                         name + ": predictions");
    }
    // One row for all samples.
    MatrixView<T> X = view_of(c.X, c.n_inputs());
    X.row_stride = 0;
    const std::vector<T> repeated = predictions_at(c.parameters, c, X);
    for (std::size_t i = 0; i < c.samples; ++i) {
        expect_same_bits(repeated.data() + i * c.n_outputs(), c.predictions.data(), c.n_outputs(),
                         "prediction of a row with stride 0");
    }
}

template <class T>
void check_single_rows(const Case<T>& c) {
    const MatrixView<T> X = view_of(c.X, c.n_inputs());
    // The first 40 and then some: 41 is no divisor of the lanes or of a tile.
    for (std::size_t i = 0; i < c.samples; i += i < 40 ? 1 : 41) {
        MatrixView<T> row = X;
        row.rows = 1;
        row.data += static_cast<std::ptrdiff_t>(i) * X.row_stride;
        expect_same_bits(predictions_at(c.parameters, c, row).data(),
                         c.predictions.data() + i * c.n_outputs(), c.n_outputs(),
                         "prediction of row " + std::to_string(i));
    }
}

template <class T>
void check_simultaneous_calls(const Case<T>& c) {
    constexpr std::size_t epochs = 1;
    const auto compute = [&] {
        const std::vector<T> parameters = train(c, epochs).parameters();
        std::vector<T> all = loss_and_gradient_at(parameters, c).gradient;
        const std::vector<T> predictions = predictions_at(parameters, c);
        all.insert(all.end(), parameters.begin(), parameters.end());
        all.insert(all.end(), predictions.begin(), predictions.end());
        return all;
    };
    const std::vector<T> expected = compute();
    std::vector<std::vector<T>> found(2);
    std::vector<std::thread> threads;
    for (auto& each : found) threads.emplace_back([&] { each = compute(); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& each : found) expect_same_bits(each, expected, "one of two threads");
}

#define DENSELOOP_INSTANTIATE(T)                     \
    template void check_training(const Case<T>&);    \
    template void check_views(const Case<T>&);       \
    template void check_single_rows(const Case<T>&); \
    template void check_simultaneous_calls(const Case<T>&);
DENSELOOP_INSTANTIATE(float)
DENSELOOP_INSTANTIATE(double)

}  // namespace denseloop::check
