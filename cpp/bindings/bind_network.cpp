#include "bindings/bindings.hpp"
#include "bindings/bound_network.hpp"
#include "bindings/python_monitor.hpp"

namespace denseloop {

template <class T>
std::pair<double, Array<T>> BoundNetwork<T>::loss_and_gradient(
    const Array<T>& X, const Array<T>& y, const std::optional<Array<T>>& sample_weight,
    const Objective& objective, std::size_t threads, const std::optional<Array<T>>& parameters) {
    const T* at = parameters_;
    if (parameters) at = flat_view(*parameters, "parameters", layout_.n_parameters());
    const Samples<T> samples = samples_view<T>(layout_, {X, y, sample_weight});
    Array<T> gradient(static_cast<py::ssize_t>(layout_.n_parameters()));
    T* const gradient_data = gradient.mutable_data();
    PythonMonitor monitor;
    const auto lock = lock_.for_reading();
    double loss = 0;
    unless_interrupted(monitor, [&] {
        loss = denseloop::loss_and_gradient(layout_, objective, at, samples, gradient_data, threads,
                                            monitor);
    });
    return {loss, gradient};
}

template <class T>
Array<T> BoundNetwork<T>::forward(const Array<T>& X, std::size_t threads) {
    const MatrixView<T> x_view = matrix_view(X, "X", layout_.n_inputs());
    checked_product(checked_product(x_view.rows, layout_.n_outputs()), sizeof(T));
    Array<T> predictions({x_view.rows, layout_.n_outputs()});
    T* const prediction_data = predictions.mutable_data();
    PythonMonitor monitor;
    const auto lock = lock_.for_reading();
    unless_interrupted(
        monitor, [&] { predict(layout_, parameters_, x_view, prediction_data, threads, monitor); });
    return predictions;
}

template <class T>
py::object BoundNetwork<T>::predict_few(py::handle X) {
    if (!is_plain_array<T>(X)) return py::none();
    const auto array = py::reinterpret_borrow<Array<T>>(X);
    if (array.ndim() != 2 || !few_samples_.suits(array.shape(0)) ||
        static_cast<std::size_t>(array.shape(1)) != layout_.n_inputs()) {
        return py::none();
    }
    const std::unique_lock own_memory(few_samples_mutex_, std::try_to_lock);
    if (!own_memory) return py::none();
    const MatrixView<T> view = matrix_view(array, "X", layout_.n_inputs());
    Array<T> predictions({view.rows, layout_.n_outputs()});
    const auto lock = lock_.for_reading();
    few_samples_.predict(parameters_, view, predictions.mutable_data());
    return predictions;
}

template class BoundNetwork<float>;
template class BoundNetwork<double>;

namespace {

void define_layout(py::module_& m) {
    py::class_<Layer>(m, "Layer", "Where a layer lies in the flat parameters. Made by a Layout.")
        .def_readonly("fan_in", &Layer::fan_in)
        .def_readonly("fan_out", &Layer::fan_out)
        .def_readonly("weights", &Layer::weights)
        .def_readonly("bias", &Layer::bias)
        .def_readonly("end", &Layer::end)
        .def_readonly("has_bias", &Layer::has_bias);
    py::class_<Layout>(m, "Layout", "Layer sizes and activations, and the offsets that follow.")
        .def(py::init([](const std::vector<std::size_t>& layer_sizes, bool bias,
                         const std::vector<std::pair<Activation, double>>& activations) {
                 std::vector<ActivationFunction> functions;
                 for (const auto& [member, parameter] : activations) {
                     functions.push_back({member, parameter});
                 }
                 return Layout(layer_sizes, bias, functions);
             }),
             py::arg("layer_sizes"), py::arg("bias"), py::arg("activations"))
        .def_property_readonly("layers", &Layout::layers)
        .def_property_readonly("n_parameters", &Layout::n_parameters);
}

template <class T>
void define_network(py::module_& m, const char* name, const char* training_name) {
    using Network = BoundNetwork<T>;
    NetworkClass<T> network(m, name, "A layout with the caller's array of parameters.");
    network
        .def(py::init<const Layout&, Array<T>>(), py::arg("layout"),
             py::arg("parameters").noconvert())
        .def("loss_and_gradient", &Network::loss_and_gradient, py::arg("X").noconvert(),
             py::arg("y").noconvert(), py::arg("sample_weight").noconvert().none(true),
             py::arg("objective"), py::arg("threads"),
             py::arg("parameters").noconvert().none(true) = py::none())
        .def("forward", &Network::forward, py::arg("X").noconvert(), py::arg("threads"))
        .def("predict_few", &Network::predict_few, py::arg("X"));
    define_training<T>(m, network, training_name);
    define_levenberg_marquardt<T>(network);
}

}  // namespace

void define_networks(py::module_& m) {
    define_layout(m);
    define_network<float>(m, "Network32", "Training32");
    define_network<double>(m, "Network64", "Training64");
}

}  // namespace denseloop
