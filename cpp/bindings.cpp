// The module denseloop._core: a table of contents. Every function takes the same four steps: check
// the arrays, release the GIL (but for predictions of few samples), call, return.
#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <mutex>
#include <optional>
#include <shared_mutex>

#include "dispatch.hpp"
#include "floor.hpp"
#include "layout.hpp"
#include "numpy_views.hpp"
#include "trainer.hpp"
#include "ufuncs.hpp"

namespace denseloop {
namespace {

// Runs Python's signal handlers and the caller's progress function during a computation. An
// exception of either (KeyboardInterrupt, say) ends it and is kept until the GIL is back.
class PythonMonitor : public Monitor {
public:
    explicit PythonMonitor(py::object progress = py::none())
        : shows_progress_(!progress.is_none()), progress_(std::move(progress)) {}

    bool keep_going(std::size_t finished_epochs, double last_loss) override {
        // Python handles signals in its main thread only. Elsewhere the GIL is better left alone:
        // taking it takes turns with busy threads, and ends the process at interpreter shutdown.
        if (!shows_progress_ && in_main_thread_ == false) return true;
        const py::gil_scoped_acquire gil;
        run([&] {
            find_main_thread();  // which may itself run a signal's handler
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            if (shows_progress_) progress_(finished_epochs, last_loss);
        });
        return error_.is_none();
    }

    // With the GIL: a signal that came after the last poll is not left to hit the caller.
    py::object final_error() {
        if (error_.is_none()) {
            run([] {
                if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            });
        }
        return error_;
    }

    void raise_error() {
        if (!final_error().is_none()) {
            PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error_.ptr())), error_.ptr());
            throw py::error_already_set();
        }
    }

private:
    // Once a computation, since a fork may change it.
    void find_main_thread() {
        if (in_main_thread_) return;
        const auto threading = py::module_::import("threading");
        in_main_thread_ = threading.attr("current_thread")().is(threading.attr("main_thread")());
    }

    template <class F>
    void run(F f) {
        try {
            f();
        } catch (py::error_already_set& raised) {
            error_ = raised.value();
        }
    }

    bool shows_progress_;
    std::optional<bool> in_main_thread_;
    py::object progress_;
    py::object error_ = py::none();
};

// Held while a network's parameters are read (by any number of threads) or trained (by one).
class ParameterLock {
public:
    std::shared_lock<std::shared_mutex> for_reading() {
        return held(std::shared_lock(mutex_, std::try_to_lock));
    }
    std::unique_lock<std::shared_mutex> for_training() {
        return held(std::unique_lock(mutex_, std::try_to_lock));
    }

private:
    template <class Lock>
    static Lock held(Lock lock) {
        if (!lock) throw std::runtime_error("this network is in use by another training or thread");
        return lock;
    }

    std::shared_mutex mutex_;
};

void require_samples(std::size_t x_rows, std::size_t y_rows) {
    if (x_rows != y_rows || x_rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1");
    }
}

// Calls f without the GIL; raises what ended it.
template <class F>
void unless_interrupted(PythonMonitor& monitor, F f) {
    try {
        // Safe: f uses only the arrays' memory, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        f();
    } catch (const Interrupted&) {
        monitor.raise_error();
    }
}

template <class T>
py::tuple train(const Layout& layout, ParameterLock& lock, Array<T> parameters, const Array<T>& X,
                const Array<T>& y, Loss loss, Reduction reduction, DerivativeAt derivative_at,
                UpdateOrder update_order, double learning_rate, std::size_t batch_size,
                std::size_t threads, Array<double> losses, std::optional<Array<T>> outputs,
                py::object progress) {
    T* const parameter_data = writable_flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    const MatrixView<T> y_view = matrix_view(y, "y", layout.n_outputs());
    require_samples(x_view.rows, y_view.rows);
    if (batch_size < 1 || threads < 1) {
        throw std::invalid_argument("batch_size and threads must be at least 1");
    }
    const auto epochs = static_cast<std::size_t>(losses.size());
    double* const loss_data = writable_flat_view(losses, "losses", epochs);
    T* output_data = nullptr;
    if (outputs) {
        const std::size_t per_epoch = checked_product(x_view.rows, layout.n_outputs());
        output_data = writable_flat_view(*outputs, "outputs", checked_product(epochs, per_epoch));
    }
    const TrainingPlan plan{
        {loss, reduction, derivative_at}, update_order, learning_rate, epochs, batch_size, threads};
    PythonMonitor monitor(std::move(progress));
    const auto held = lock.for_training();
    TrainingResult result;
    {
        // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        result =
            train(layout, plan, parameter_data, x_view, y_view, loss_data, output_data, monitor);
    }
    return py::make_tuple(result.epochs, result.ending == Ending::diverged, monitor.final_error());
}

template <class T>
py::tuple loss_and_gradient(const Layout& layout, ParameterLock& lock, const Array<T>& parameters,
                            const Array<T>& X, const Array<T>& y, Loss loss, Reduction reduction,
                            DerivativeAt derivative_at, std::size_t threads) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    const MatrixView<T> y_view = matrix_view(y, "y", layout.n_outputs());
    require_samples(x_view.rows, y_view.rows);
    Array<T> gradient(static_cast<py::ssize_t>(layout.n_parameters()));
    T* const gradient_data = gradient.mutable_data();
    PythonMonitor monitor;
    const auto held = lock.for_reading();
    double value = 0;
    unless_interrupted(monitor, [&] {
        value = loss_and_gradient(layout, {loss, reduction, derivative_at}, parameter_data, x_view,
                                  y_view, gradient_data, threads, monitor);
    });
    return py::make_tuple(value, gradient);
}

template <class T>
Array<T> forward(const Layout& layout, ParameterLock& lock, const Array<T>& parameters,
                 const Array<T>& X, std::size_t threads) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    checked_product(checked_product(x_view.rows, layout.n_outputs()), sizeof(T));
    Array<T> predictions({x_view.rows, layout.n_outputs()});
    T* const prediction_data = predictions.mutable_data();
    PythonMonitor monitor;
    const auto held = lock.for_reading();
    unless_interrupted(monitor, [&] {
        predict(layout, parameter_data, x_view, prediction_data, threads, monitor);
    });
    return predictions;
}

// Predicts few samples at a time, as a control loop does: what a call usually allocates is kept,
// and so is the GIL, which takes as long to hand over as a small network to compute.
template <class T>
class RowPredictor {
public:
    RowPredictor(py::object layout, py::object lock, Array<T> parameters)
        : layout_object_(std::move(layout)),
          lock_object_(std::move(lock)),
          layout_(layout_object_.cast<const Layout&>()),
          lock_(lock_object_.cast<ParameterLock&>()),
          parameters_(std::move(parameters)),
          parameter_data_(flat_view(parameters_, "parameters", layout_.n_parameters())),
          pass_(layout_) {}

    // Predictions (n_samples, n_outputs), or None if X is not an array of such few samples that can
    // be used as it is.
    py::object predict(py::handle X) {
        if (!is_plain_array<T>(X)) return py::none();
        const auto array = py::reinterpret_borrow<Array<T>>(X);
        if (array.ndim() != 2 || !pass_.suits(array.shape(0)) ||
            static_cast<std::size_t>(array.shape(1)) != layout_.n_inputs()) {
            return py::none();
        }
        const MatrixView<T> view = matrix_view(array, "X", layout_.n_inputs());
        Array<T> predictions({view.rows, layout_.n_outputs()});
        const auto held = lock_.for_reading();
        pass_.predict(parameter_data_, view, predictions.mutable_data());
        return predictions;
    }

private:
    py::object layout_object_, lock_object_;  // keep alive what the next two refer to
    const Layout& layout_;
    ParameterLock& lock_;
    Array<T> parameters_;
    const T* parameter_data_;
    FewSamples<T> pass_;
};

template <class T>
void define_row_predictor(py::module_& m, const char* name) {
    py::class_<RowPredictor<T>>(m, name)
        .def(py::init<py::object, py::object, Array<T>>(), py::arg("layout"), py::arg("lock"),
             py::arg("parameters").noconvert())
        .def("predict", &RowPredictor<T>::predict, py::arg("X"));
}

template <class T>
void define_passes(py::module_& m) {
    m.def("train", &train<T>, py::arg("layout"), py::arg("lock"), py::arg("parameters").noconvert(),
          py::arg("X").noconvert(), py::arg("y").noconvert(), py::arg("loss"), py::arg("reduction"),
          py::arg("derivative_at"), py::arg("update_order"), py::arg("learning_rate"),
          py::arg("batch_size"), py::arg("threads"), py::arg("losses").noconvert(),
          py::arg("outputs").noconvert().none(true), py::arg("progress"));
    m.def("loss_and_gradient", &loss_and_gradient<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("y").noconvert(),
          py::arg("loss"), py::arg("reduction"), py::arg("derivative_at"), py::arg("threads"));
    m.def("forward", &forward<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("threads"));
}

template <class T>
void repeat_sigmoid(Array<T> z, std::size_t times) {
    const auto count = static_cast<std::size_t>(z.size());
    T* const data = writable_flat_view(z, "z", count);
    if (count % vector_lanes<T> != 0) {
        throw std::invalid_argument("z must be whole vectors of " +
                                    std::to_string(vector_lanes<T>) + " numbers, got " +
                                    std::to_string(count));
    }
    // Safe: only the array's memory is used, which the argument keeps alive.
    const py::gil_scoped_release no_gil;
    loop_sigmoid(data, count, times);
}

template <class T>
void define_floor(py::module_& m, const char* name) {
    m.def(name, &multiply_adds<T>, py::arg("count"), py::call_guard<py::gil_scoped_release>());
    m.def("loop_sigmoid", &repeat_sigmoid<T>, py::arg("z").noconvert(), py::arg("times"));
}

void define_choices(py::module_& m) {
    py::native_enum<Activation>(m, "Activation", "enum.Enum")
        .value("sigmoid", Activation::sigmoid)
        .value("softmax", Activation::softmax)
        .finalize();
    py::native_enum<Loss>(m, "Loss", "enum.Enum")
        .value("squared_error", Loss::squared_error)
        .value("half_squared_error", Loss::half_squared_error)
        .value("cross_entropy", Loss::cross_entropy)
        .finalize();
    py::native_enum<Reduction>(m, "Reduction", "enum.Enum")
        .value("sum", Reduction::sum)
        .value("mean", Reduction::mean)
        .finalize();
    py::native_enum<DerivativeAt>(m, "DerivativeAt", "enum.Enum")
        .value("pre_activation", DerivativeAt::pre_activation)
        .value("output", DerivativeAt::output)
        .finalize();
    py::native_enum<UpdateOrder>(m, "UpdateOrder", "enum.Enum")
        .value("simultaneous", UpdateOrder::simultaneous)
        .value("output_first", UpdateOrder::output_first)
        .finalize();
}

void define_layout(py::module_& m) {
    py::class_<Layer>(m, "Layer")
        .def_readonly("fan_in", &Layer::fan_in)
        .def_readonly("fan_out", &Layer::fan_out)
        .def_readonly("weights", &Layer::weights)
        .def_readonly("bias", &Layer::bias)
        .def_readonly("end", &Layer::end)
        .def_readonly("has_bias", &Layer::has_bias);
    py::class_<ParameterLock>(m, "ParameterLock").def(py::init<>());
    py::class_<Layout>(m, "Layout")
        .def(py::init<const std::vector<std::size_t>&, bool, Activation>(), py::arg("layer_sizes"),
             py::arg("bias"), py::arg("output_activation"))
        .def_property_readonly("layers", &Layout::layers)
        .def_property_readonly("n_parameters", &Layout::n_parameters);
}

}  // namespace
}  // namespace denseloop

PYBIND11_MODULE(_core, m) {
    using namespace denseloop;
    m.doc() = "The C++ core of denseloop; the package's own modules are its interface.";
    define_choices(m);
    define_layout(m);
    define_passes<float>(m);
    define_passes<double>(m);
    define_row_predictor<float>(m, "RowPredictor32");
    define_row_predictor<double>(m, "RowPredictor64");
    define_floor<float>(m, "multiply_adds32");
    define_floor<double>(m, "multiply_adds64");
    define_ufuncs(m);
    m.attr("compiler") = DENSELOOP_COMPILER;
    m.attr("compiler_flags") = DENSELOOP_FLAGS;
    m.attr("target_flags") =
        DENSELOOP_TARGET_FLAGS;  // a line for each target with flags of its own
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
