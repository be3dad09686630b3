#include <pybind11/stl.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "bindings/bindings.hpp"
#include "bindings/bound_network.hpp"
#include "bindings/fast_method.hpp"
#include "bindings/network_copy.hpp"
#include "bindings/network_stack.hpp"
#include "bindings/python_monitor.hpp"
#include "network/draw_weights.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {

template <class T>
Array<T> BoundNetwork<T>::forward(const InputArrays<T>& X, std::size_t threads) {
    const Inputs<T> x_view = inputs_view(X, "X", layout_->n_inputs());
    checked_product(checked_product(x_view.rows, layout_->n_outputs()), sizeof(T));
    Array<T> predictions = new_array<T>(x_view.rows, layout_->n_outputs());
    T* const prediction_data = predictions.mutable_data();
    PythonMonitor monitor;
    read(monitor, [&](const T* parameters) {
        predict(*layout_, parameters, x_view, prediction_data, threads, monitor);
    });
    return predictions;
}

template <class T>
std::pair<Array<T>, Array<T>> BoundNetwork<T>::differentiate(const InputArrays<T>& X,
                                                             Variables variables,
                                                             std::size_t threads) {
    const Inputs<T> x_view = inputs_view(X, "X", layout_->n_inputs());
    const std::size_t rows = x_view.rows, n_outputs = layout_->n_outputs();
    const std::size_t columns =
        variables == Variables::inputs ? layout_->n_inputs() : layout_->n_parameters();
    checked_product(checked_product(checked_product(rows, n_outputs), columns), sizeof(T));
    Array<T> outputs = new_array<T>(rows, n_outputs);
    Array<T> jacobian = new_array<T>(rows, n_outputs, columns);
    T* const output_data = outputs.mutable_data();
    T* const jacobian_data = jacobian.mutable_data();
    PythonMonitor monitor;
    read(monitor, [&](const T* parameters) {
        denseloop::differentiate(*layout_, parameters, x_view, variables, output_data,
                                 jacobian_data, threads, monitor);
    });
    return {std::move(outputs), std::move(jacobian)};
}

// Converts a plain array of other real numbers, or a short list of rows, where neither a warning
// nor an error can come of it. Returns no array for anything else.
template <class T>
Array<T> converted_rows(py::handle X) {
    constexpr py::ssize_t longest = 256;  // rows of a list
    const auto none = py::reinterpret_steal<Array<T>>(py::handle());
    const bool is_list = PyList_CheckExact(X.ptr()) && PyList_GET_SIZE(X.ptr()) <= longest;
    if (!is_list && Py_TYPE(X.ptr()) != py::detail::npy_api::get().PyArray_Type_) return none;
    const auto given = py::array::ensure(X);
    if (!given || given.ndim() != 2 || given.shape(0) > longest) return none;
    const char kind = given.dtype().kind();
    const bool exact_float = kind == 'f' && given.itemsize() <= static_cast<int>(sizeof(T));
    if (!exact_float && kind != 'b' && kind != 'i' && kind != 'u') return none;
    return py::reinterpret_borrow<Array<T>>(py::array_t<T, py::array::forcecast>::ensure(given));
}

template <class T>
py::object BoundNetwork<T>::predict_few(py::handle X) {
    const Array<T> array =
        is_plain_array<T>(X) ? py::reinterpret_borrow<Array<T>>(X) : converted_rows<T>(X);
    if (!array || array.ndim() != 2 || !predictor_.suits(array.shape(0)) ||
        static_cast<std::size_t>(array.shape(1)) != layout_->n_inputs()) {
        return py::none();
    }
    const BusyFlag::Use own_memory(predictor_busy_);
    if (!own_memory) return py::none();
    const MatrixView<T> view = matrix_view(array, "X", layout_->n_inputs());
    Array<T> predictions = new_array<T>(view.rows, layout_->n_outputs());
    T* const prediction_data = predictions.mutable_data();
    const bool done =
        lock_.try_read([&] { predictor_.predict(parameters_, view, prediction_data); });
    return done ? py::object(predictions) : py::none();
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
    py::class_<Layout, std::shared_ptr<Layout>>(
        m, "Layout", "Layer sizes and activations, and the offsets that follow.")
        .def(py::init([](const std::vector<std::size_t>& layer_sizes, bool bias,
                         const std::vector<std::pair<Activation, double>>& activations) {
                 std::vector<ActivationFunction> functions;
                 for (const auto& [member, parameter] : activations) {
                     functions.push_back({member, parameter});
                 }
                 return std::make_shared<Layout>(layer_sizes, bias, functions);
             }),
             py::arg("layer_sizes"), py::arg("bias"), py::arg("activations"))
        .def_property_readonly("layers", &Layout::layers)
        .def_property_readonly("n_parameters", &Layout::n_parameters);
}

// seed: bytes in words of 4, the least significant first.
template <class T>
void draw_network(BoundNetwork<T>& network, const py::bytes& seed,
                  const std::vector<double>& limits) {
    require_limits(network.layout(), limits);
    const auto bytes = static_cast<std::string_view>(seed);
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::uint32_t));
    T* const parameters = network.writable_parameters();
    const GilReleased no_gil;
    draw_uniform(network.layout(), words, limits, parameters);
}

template <class T>
void define_sparse_samples(py::module_& m, const char* name) {
    using Sparse = SparseSamples<T>;
    py::class_<Sparse, std::shared_ptr<Sparse>>(m, name, "The arrays of a sparse matrix (CSR).")
        .def(py::init<Array<T>, Array<std::int32_t>, const Array<std::int64_t>&, std::size_t>(),
             py::arg("values").noconvert(), py::arg("indices").noconvert(),
             py::arg("starts").noconvert(), py::arg("columns"))
        .def("__len__", &Sparse::rows)
        .def_property_readonly(
            "shape", [](const Sparse& self) { return std::pair(self.rows(), self.columns()); })
        .def_property_readonly("dtype", [](const Sparse&) { return py::dtype::of<T>(); });
}

template <class T>
void define_stack(py::module_& m, const char* name) {
    using Stack = NetworkStack<T>;
    py::class_<Stack>(m, name, "Networks of one layout whose parameters are rows of one array.")
        .def(py::init<std::shared_ptr<const Layout>, std::size_t>(), py::arg("layout"),
             py::arg("count"))
        .def("__len__", &Stack::size)
        .def_property_readonly("parameters", &Stack::array)
        .def("network", &Stack::network, py::arg("index"))
        .def("made", &Stack::made)
        .def("draw_uniform", &Stack::draw_uniform, py::arg("seeds").noconvert(), py::arg("limits"))
        .def("forward", &Stack::forward, py::arg("X").noconvert(), py::arg("threads"));
}

template <class T, class Member>
void define_memory(NetworkClass<T>& network, const char* name, Member member) {
    using Value = std::remove_reference_t<decltype(std::declval<TrainingMemory>().*member)>;
    network.def_property(
        name, [member](BoundNetwork<T>& self) { return self.memory().get(member); },
        [member](BoundNetwork<T>& self, Value value) {
            self.memory().change(
                [&](TrainingMemory& memory) { memory.*member = std::move(value); });
        });
}

template <class T>
void define_network(py::module_& m, const char* name, const char* objective_name,
                    const char* loss_name, const char* training_name, const char* trainer_name,
                    const char* steps_name, const char* partial_name, const char* remote_name) {
    using Network = BoundNetwork<T>;
    NetworkClass<T> network(m, name, "A layout with the caller's array of parameters.");
    network
        .def(py::init<std::shared_ptr<const Layout>, Array<T>>(), py::arg("layout"),
             py::arg("parameters").noconvert())
        .def(py::init([](std::shared_ptr<const Layout> layout) {
                 Array<T> parameters = aligned_zeros<T>(layout->n_parameters());
                 return std::make_shared<Network>(std::move(layout), std::move(parameters));
             }),
             py::arg("layout"))
        .def_property_readonly("parameters", &Network::array)
        .def("copied_state", &copied_state<T>)
        .def("show_views", &Network::show_views, py::arg("views"))
        .def("require_free",
             [](Network& self) {
                 if (self.being_trained().is_held()) throw InUse();
             })
        .def("draw_uniform", &draw_network<T>, py::arg("seed"), py::arg("limits"))
        .def(
            "shares_batches",
            [](const Network& self, std::size_t batch_size) {
                return update_work(self.layout(), batch_size) >= cost::batch_hand_over;
            },
            py::arg("batch_size"))
        .def("forward", &Network::forward, py::arg("X").noconvert(), py::arg("threads"))
        .def("differentiate", &Network::differentiate, py::arg("X").noconvert(),
             py::arg("variables"), py::arg("threads"));
    define_fast_method<Network, &Network::predict_few, 1>(network, "predict_few");
    define_memory(network, "optimizer", &TrainingMemory::optimizer);
    define_memory(network, "optimizer_state", &TrainingMemory::state);
    define_memory(network, "history", &TrainingMemory::history);
    define_memory(network, "scaling", &TrainingMemory::scaling);
    define_memory(network, "shuffled_epochs", &TrainingMemory::shuffled_epochs);
    define_objective<T>(m, network, objective_name, loss_name);
    define_training<T>(m, network, training_name);
    define_trainer<T>(m, trainer_name);
    define_steps<T>(m, network, steps_name);
    define_partial_sums<T>(m, network, partial_name, remote_name);
}

}  // namespace

void define_networks(py::module_& m) {
    native_dtype<float>();
    native_dtype<double>();
    native_dtype<std::uint8_t>();
    define_layout(m);
    define_sparse_samples<float>(m, "SparseSamples32");
    define_sparse_samples<double>(m, "SparseSamples64");
    define_network<float>(m, "Network32", "Objective32", "CallerLoss32", "Training32", "Trainer32",
                          "Steps32", "PartialSums32", "RemoteSums32");
    define_network<double>(m, "Network64", "Objective64", "CallerLoss64", "Training64", "Trainer64",
                           "Steps64", "PartialSums64", "RemoteSums64");
    define_stack<float>(m, "NetworkStack32");
    define_stack<double>(m, "NetworkStack64");
}

}  // namespace denseloop
