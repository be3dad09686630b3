// Samples as Python hands them over: a dense array, or the arrays of a sparse one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/numpy_views.hpp"
#include "samples/inputs.hpp"

namespace denseloop {

// Sparse samples (CSR). The numbers stay the caller's; where the rows start is copied, since what
// is read depends on it.
template <class T>
class SparseSamples {
public:
    SparseSamples(Array<T> values, Array<std::int32_t> indices, const Array<std::int64_t>& starts,
                  std::size_t columns)
        : values_(std::move(values)), indices_(std::move(indices)), columns_(columns) {
        if (starts.size() < 1) throw std::invalid_argument("starts must have at least 1 number");
        const auto stored = static_cast<std::size_t>(values_.size());
        flat_view(values_, "values", stored);
        flat_view(indices_, "indices", stored);
        const auto count = static_cast<std::size_t>(starts.size());
        const std::int64_t* const given = flat_view(starts, "starts", count);
        starts_.assign(given, given + count);
        std::int64_t before = 0;
        if (starts_[0] != 0) throw std::invalid_argument("starts must begin with 0");
        for (const std::int64_t start : starts_) {
            if (start < before) throw std::invalid_argument("starts must ascend");
            before = start;
        }
        if (static_cast<std::size_t>(before) > stored) {
            throw std::invalid_argument("starts must end at most at the number of values");
        }
    }

    std::size_t rows() const { return starts_.size() - 1; }
    std::size_t columns() const { return columns_; }
    SparseView<T> view() const {
        return {values_.data(), indices_.data(), starts_.data(), rows(), columns_};
    }

private:
    Array<T> values_;
    Array<std::int32_t> indices_;
    std::vector<std::int64_t> starts_;
    std::size_t columns_;
};

template <class T>
using InputArrays = std::variant<Array<T>, std::shared_ptr<SparseSamples<T>>>;

// Views inputs (n_samples, columns).
template <class T>
Inputs<T> inputs_view(const InputArrays<T>& inputs, const char* name, std::size_t columns) {
    if (const auto* array = std::get_if<Array<T>>(&inputs)) {
        return matrix_view(*array, name, columns);
    }
    const SparseSamples<T>& sparse = *std::get<1>(inputs);
    if (sparse.columns() != columns) {
        throw std::invalid_argument(std::string(name) + " must have shape (n_samples, " +
                                    std::to_string(columns) + ")");
    }
    return sparse.view();
}

}  // namespace denseloop
