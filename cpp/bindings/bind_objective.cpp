// The objective over bound samples as a function of the parameters.
#include <algorithm>

#include "bindings/bindings.hpp"
#include "bindings/busy_flag.hpp"
#include "bindings/fast_method.hpp"
#include "bindings/garbage_collection.hpp"
#include "bindings/python_monitor.hpp"
#include "network/objective_function.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {
namespace {

template <class T>
class BoundObjective {
public:
    BoundObjective(std::shared_ptr<BoundNetwork<T>> network, TrainingInputs<T> X, Targets<T> y,
                   std::optional<Array<T>> sample_weight, const Objective& objective,
                   std::size_t threads)
        : network_(std::move(network)),
          arrays_(std::move(X), std::move(y), std::move(sample_weight)),
          samples_(samples_view(network_->layout(), arrays_)),
          objective_(objective),
          threads_(threads),
          keeps_gil_(update_work(network_->layout(), samples_.X.rows) < cost::gil_release) {
        PythonMonitor monitor;
        unless_interrupted(
            monitor,
            [&] { function_.emplace(network_->layout(), objective_, samples_, threads_, monitor); },
            keeps_gil_);
    }

    // (loss, gradient) at `parameters`, or at the network's own for None. The gradient goes to
    // `out`, or a new array for None. Returns None for arrays that do not fit.
    py::object loss_and_gradient(py::handle parameters, py::handle out) {
        if (!fits(parameters) || !fits(out)) return py::none();
        Array<T> gradient =
            out.is_none() ? new_array<T>(n_parameters()) : py::reinterpret_borrow<Array<T>>(out);
        if (!gradient.writeable()) return py::none();
        T* const values = gradient.mutable_data();
        const double loss = evaluate(parameters, [&](auto& function, const T* at, auto& monitor) {
            return function.loss_and_gradient(at, values, monitor);
        });
        return py::reinterpret_steal<py::object>(
            PyTuple_Pack(2, py::float_(loss).ptr(), gradient.ptr()));
    }

    // The loss alone.
    py::object loss(py::handle parameters) {
        if (!fits(parameters)) return py::none();
        return py::float_(evaluate(parameters, [](auto& function, const T* at, auto& monitor) {
            return function.loss(at, monitor);
        }));
    }

private:
    std::size_t n_parameters() const { return network_->layout().n_parameters(); }

    // Whether this is None or a plain array (n_parameters,) that can be used as it is.
    bool fits(py::handle array) const {
        return array.is_none() || is_plain_vector<T>(array, n_parameters());
    }

    // Returns f(function, parameters, monitor).
    template <class F>
    double evaluate(py::handle parameters, const F& f) {
        PythonMonitor monitor;
        double value = 0;
        const auto at = [&](const T* point) {
            const BusyFlag::Use own(busy_);
            if (own) {
                value = f(*function_, point, monitor);
            } else {  // another thread uses the memory
                ObjectiveFunction<T> another(network_->layout(), objective_, samples_, threads_,
                                             monitor);
                value = f(another, point, monitor);
            }
        };
        if (parameters.is_none()) {
            network_->read(monitor, at, keeps_gil_);
        } else {
            const T* const point = py::reinterpret_borrow<Array<T>>(parameters).data();
            unless_interrupted(monitor, [&] { at(point); }, keeps_gil_);
        }
        return value;
    }

    const std::shared_ptr<BoundNetwork<T>> network_;
    const SampleArrays<T> arrays_;  // keeps samples_ alive
    const Samples<T> samples_;
    const Objective objective_;
    const std::size_t threads_;
    const bool keeps_gil_;
    std::optional<ObjectiveFunction<T>> function_;
    BusyFlag busy_;
};

// The same once, at the network's own parameters: without an object of Python's, whose time is that
// of a small network.
template <class T>
py::object loss_and_gradient(BoundNetwork<T>& network, py::handle X, py::handle y,
                             py::handle sample_weight, py::handle objective, py::handle threads) {
    const bool weighted = !sample_weight.is_none();
    const bool by_caller = py::isinstance<PythonLoss<T>>(y);
    const bool sparse = py::isinstance<SparseSamples<T>>(X);
    if (!(sparse || py::isinstance<Array<T>>(X)) || !(by_caller || py::isinstance<Array<T>>(y)) ||
        (weighted && !py::isinstance<Array<T>>(sample_weight))) {
        throw py::type_error("X, y and sample_weight must be arrays of the network's dtype");
    }
    std::optional<Array<T>> weight;
    if (weighted) weight = py::reinterpret_borrow<Array<T>>(sample_weight);
    Targets<T> targets = by_caller ? Targets<T>(y.cast<std::shared_ptr<PythonLoss<T>>>())
                                   : Targets<T>(py::reinterpret_borrow<Array<T>>(y));
    TrainingInputs<T> inputs = sparse
                                   ? TrainingInputs<T>(X.cast<std::shared_ptr<SparseSamples<T>>>())
                                   : TrainingInputs<T>(py::reinterpret_borrow<Array<T>>(X));
    BoundObjective<T> function(network.shared_from_this(), std::move(inputs), std::move(targets),
                               std::move(weight), objective.cast<const Objective&>(),
                               threads.cast<std::size_t>());
    return function.loss_and_gradient(py::none(), py::none());
}

}  // namespace

template <class T>
void define_objective(py::module_& m, NetworkClass<T>& network, const char* name,
                      const char* loss_name) {
    using Function = BoundObjective<T>;
    py::class_<PythonLoss<T>, std::shared_ptr<PythonLoss<T>>>(
        m, loss_name, "A loss that Python computes from the outputs of a batch.",
        py::custom_type_setup(&collect_garbage<PythonLoss<T>>))
        .def(py::init<py::object, std::size_t, std::size_t>(), py::arg("function"),
             py::arg("n_samples"), py::arg("n_outputs"));
    py::class_<Function> function(m, name, "Packed samples, and the objective over them.");
    define_fast_method<Function, &Function::loss_and_gradient, 2>(function, "loss_and_gradient");
    define_fast_method<Function, &Function::loss, 1>(function, "loss");
    define_fast_method<BoundNetwork<T>, &loss_and_gradient<T>, 5>(network, "loss_and_gradient");
    network.def(
        "objective",
        [](std::shared_ptr<BoundNetwork<T>> self, TrainingInputs<T> X, Targets<T> y,
           std::optional<Array<T>> sample_weight, const Objective& objective, std::size_t threads) {
            return std::make_unique<Function>(std::move(self), std::move(X), std::move(y),
                                              std::move(sample_weight), objective, threads);
        },
        py::arg("X").noconvert(), py::arg("y").noconvert(),
        py::arg("sample_weight").noconvert().none(true), py::arg("objective"), py::arg("threads"));
}

template void define_objective<float>(py::module_&, NetworkClass<float>&, const char*, const char*);
template void define_objective<double>(py::module_&, NetworkClass<double>&, const char*,
                                       const char*);

}  // namespace denseloop
