// Sums over parts of the samples, and trainings by such sums.
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/busy_flag.hpp"
#include "bindings/garbage_collection.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/python_sums.hpp"
#include "network/partial_gradients.hpp"
#include "training/partial_equations.hpp"

namespace denseloop {
namespace {

// Samples of a larger data set. What is packed is kept once: the array that it came from is
// released.
template <class T>
class BoundPartialSums {
public:
    BoundPartialSums(std::shared_ptr<BoundNetwork<T>> network, Array<T> X, Array<T> y,
                     std::optional<Array<T>> sample_weight, const Objective& objective,
                     std::size_t first_block, std::size_t threads, bool least_squares)
        : network_(std::move(network)),
          X_(std::move(X)),
          y_(std::move(y)),
          weight_(std::move(sample_weight)) {
        const Layout& layout = network_->layout();
        const Samples<T> samples = samples_view<T>(layout, {*X_, *y_, weight_});
        PythonMonitor monitor;
        unless_interrupted(monitor, [&] {
            if (least_squares) {
                sums_ = std::make_unique<PartialEquations<T>>(
                    layout, samples, objective.l2 / objective.gradient_factor(), first_block,
                    Pacer(monitor));
            } else {
                sums_ = std::make_unique<PartialGradients<T>>(layout, objective, samples,
                                                              first_block, threads, Pacer(monitor));
            }
        });
        if (sums_->packed_inputs()) X_.reset();
        if (sums_->packed_targets()) y_.reset();
        if (sums_->packed_weights()) weight_.reset();
    }

    // The nodes' numbers (n_nodes), and their arrays (n_nodes, size) or None.
    py::tuple evaluate(const std::string& name, const Array<T>& parameters, std::size_t threads) {
        const RemoteSum sum = remote_sum(name);
        const T* const at = flat_view(parameters, "parameters", network_->layout().n_parameters());
        if (threads < 1) throw std::invalid_argument("threads must be at least 1");
        const BusyFlag::Use own(busy_);
        if (!own) throw std::runtime_error("another thread evaluates these sums");
        PythonMonitor monitor;
        PartialSum<T> found;
        unless_interrupted(monitor, [&] { found = sums_->evaluate(sum, at, threads, monitor); });
        Array<double> numbers = new_array<double>(found.numbers.size());
        std::copy(found.numbers.begin(), found.numbers.end(), numbers.mutable_data());
        if (found.array_size == 0) return py::make_tuple(std::move(numbers), py::none());
        Array<T> arrays = new_array<T>(found.numbers.size(), found.array_size);
        std::copy(found.arrays.begin(), found.arrays.end(), arrays.mutable_data());
        return py::make_tuple(std::move(numbers), std::move(arrays));
    }

    // (X, y, sample_weight or None)
    py::tuple rows() const {
        const auto rows_of = [](const std::optional<Array<T>>& kept,
                                const SampleTiles<T>* packed) -> py::object {
            if (kept) return *kept;
            if (packed == nullptr) return py::none();
            Array<T> rows = new_array<T>(packed->samples(), packed->columns());
            packed->unpack(rows.mutable_data());
            return rows;
        };
        py::object weight = rows_of(weight_, sums_->packed_weights());
        if (!weight.is_none()) weight = weight.attr("reshape")(-1);
        return py::make_tuple(rows_of(X_, sums_->packed_inputs()),
                              rows_of(y_, sums_->packed_targets()), std::move(weight));
    }

private:
    const std::shared_ptr<BoundNetwork<T>> network_;
    std::optional<Array<T>> X_, y_, weight_;  // none where it is packed
    std::unique_ptr<PartialSums<T>> sums_;
    BusyFlag busy_;
};

}  // namespace

template <class T>
void define_partial_sums(py::module_& m, NetworkClass<T>& network, const char* name,
                         const char* remote_name) {
    using Remote = PythonSums<T>;
    py::class_<Remote, std::shared_ptr<Remote>>(
        m, remote_name, "Sums that Python gathers from where the samples lie.",
        py::custom_type_setup(&collect_garbage<Remote>))
        .def(py::init<py::object, std::size_t, std::size_t, std::vector<double>>(),
             py::arg("function"), py::arg("n_samples"), py::arg("n_inputs"),
             py::arg("batch_weights"))
        .def("__len__", &Remote::samples);
    using Partial = BoundPartialSums<T>;
    py::class_<Partial>(m, name, "Packed samples of a larger data set, and sums over them.")
        .def("evaluate", &Partial::evaluate, py::arg("sum"), py::arg("parameters").noconvert(),
             py::arg("threads"))
        .def("rows", &Partial::rows);
    network.def(
        "partial_sums",
        [](std::shared_ptr<BoundNetwork<T>> self, Array<T> X, Array<T> y,
           std::optional<Array<T>> sample_weight, const Objective& objective,
           std::size_t first_block, std::size_t threads, bool least_squares) {
            if (threads < 1) throw std::invalid_argument("threads must be at least 1");
            return std::make_unique<Partial>(std::move(self), std::move(X), std::move(y),
                                             std::move(sample_weight), objective, first_block,
                                             threads, least_squares);
        },
        py::arg("X").noconvert(), py::arg("y").noconvert(),
        py::arg("sample_weight").noconvert().none(true), py::arg("objective"),
        py::arg("first_block"), py::arg("threads"), py::arg("least_squares"));
}

template void define_partial_sums<float>(py::module_&, NetworkClass<float>&, const char*,
                                         const char*);
template void define_partial_sums<double>(py::module_&, NetworkClass<double>&, const char*,
                                          const char*);

}  // namespace denseloop
