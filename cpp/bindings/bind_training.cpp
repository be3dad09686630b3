#include <pybind11/stl.h>

#include "bindings/bindings.hpp"
#include "bindings/bound_training.hpp"

namespace denseloop {
namespace {

template <class T>
std::shared_ptr<BoundTraining<T>> make_training(
    std::shared_ptr<BoundNetwork<T>> network, TrainingInputs<T> X, Targets<T> y,
    std::optional<Array<T>> sample_weight, std::optional<SampleArrays<T>> eval_set,
    TrainingPlan plan, std::size_t batch_size, std::size_t threads,
    std::shared_ptr<BoundOptimizerState> state, bool reordered,
    std::optional<Array<T>> best_parameters) {
    if (batch_size < 1 || threads < 1) {
        throw std::invalid_argument("batch_size and threads must be at least 1");
    }
    plan.batch_size = batch_size;
    plan.threads = threads;
    return std::make_shared<BoundTraining<T>>(
        std::move(network), std::move(state),
        SampleArrays<T>{std::move(X), std::move(y), std::move(sample_weight)}, std::move(eval_set),
        std::move(best_parameters), plan, reordered);
}

}  // namespace

template <class T>
void define_training(py::module_& m, NetworkClass<T>& network, const char* name) {
    py::class_<BoundTraining<T>, std::shared_ptr<BoundTraining<T>>>(
        m, name, "Packed samples and an optimizer's state, to be run.")
        .def("run", &BoundTraining<T>::run, py::kw_only(), py::arg("losses").noconvert(),
             py::arg("validation_losses").noconvert().none(true) = py::none(),
             py::arg("outputs").noconvert().none(true) = py::none(),
             py::arg("progress") = py::none(),
             py::arg("orders").noconvert().none(true) = py::none(),
             py::arg("rates").noconvert().none(true) = py::none(),
             py::arg("shuffled_epochs") = std::uint64_t{0});
    network.def("training", &make_training<T>, py::arg("X").noconvert(), py::arg("y").noconvert(),
                py::arg("sample_weight").noconvert().none(true),
                py::arg("eval_set").noconvert().none(true), py::arg("plan"), py::arg("batch_size"),
                py::arg("threads"), py::arg("state").none(true), py::arg("reordered") = false,
                py::arg("best_parameters").noconvert().none(true) = py::none());
}

template void define_training<float>(py::module_&, NetworkClass<float>&, const char*);
template void define_training<double>(py::module_&, NetworkClass<double>&, const char*);

}  // namespace denseloop
