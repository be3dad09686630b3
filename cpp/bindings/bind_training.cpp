#include <pybind11/stl.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/parameter_lock.hpp"
#include "bindings/python_monitor.hpp"
#include "training/training_loop.hpp"

namespace denseloop {
namespace {

// A training, with what its runs read and write: samples and the arrays of one network.
template <class T>
class NetworkTraining {
public:
    // sample_arrays: what the samples are views of.
    NetworkTraining(py::object layout, py::object lock, py::tuple sample_arrays,
                    Array<T> parameters, Array<T> moments, Array<double> counters,
                    std::optional<Array<T>> best_parameters, const TrainingPlan& plan,
                    const Samples<T>& samples, const std::optional<Samples<T>>& validation,
                    bool reordered)
        : layout_object_(std::move(layout)),
          lock_object_(std::move(lock)),
          sample_arrays_(std::move(sample_arrays)),
          layout_(layout_object_.cast<const Layout&>()),
          lock_(lock_object_.cast<ParameterLock&>()),
          parameters_(std::move(parameters)),
          moments_(std::move(moments)),
          counters_(std::move(counters)),
          best_parameters_(std::move(best_parameters)),
          validated_(validation.has_value()) {
        const std::size_t n = layout_.n_parameters();
        state_ = {writable_flat_view(parameters_, "parameters", n),
                  writable_rows_view(moments_, "moments", 2, n),
                  writable_flat_view(counters_, "counters", Counters::size)};
        if (best_parameters_) {
            best_ = writable_flat_view(*best_parameters_, "best_parameters", n);
        }
        PythonMonitor monitor;
        unless_interrupted(monitor, [&] {
            training_.emplace(layout_, plan, samples, validation ? &*validation : nullptr,
                              reordered, monitor);
        });
    }

    py::tuple run(std::uint64_t first_shuffle, Array<double> losses,
                  std::optional<Array<double>> validation_losses, std::optional<Array<T>> outputs,
                  py::object progress, const std::optional<Array<std::int64_t>>& orders,
                  const std::optional<Array<double>>& rates) {
        const auto epochs = static_cast<std::size_t>(losses.size());
        Records<T> records{epochs, writable_flat_view(losses, "losses", epochs), nullptr, nullptr,
                           best_};
        if (validated_ != validation_losses.has_value()) {
            throw std::invalid_argument("validation_losses go with validation samples");
        }
        if (validation_losses) {
            records.validation_losses =
                writable_flat_view(*validation_losses, "validation_losses", epochs);
        }
        if (outputs) {
            const std::size_t per_epoch =
                checked_product(training_->samples(), layout_.n_outputs());
            records.outputs =
                writable_flat_view(*outputs, "outputs", checked_product(epochs, per_epoch));
        }
        const std::int64_t* const order_data = orders ? checked_orders(*orders, epochs) : nullptr;
        const double* const rate_data = rates ? checked_rates(*rates, epochs) : nullptr;
        PythonMonitor monitor(std::move(progress));
        const auto held = lock_.for_training();
        TrainingResult result;
        {
            // Safe: from here on only the arrays' memory is used, which the arguments and the
            // members keep alive.
            const py::gil_scoped_release no_gil;
            result = training_->run(state_, records, order_data, rate_data, first_shuffle, monitor);
        }
        return py::make_tuple(result.epochs, result.ending, monitor.final_error());
    }

private:
    // (epochs, n_samples), each row a permutation.
    const std::int64_t* checked_orders(const Array<std::int64_t>& orders, std::size_t epochs) {
        const std::size_t n = training_->samples();
        if (!training_->reordered()) throw std::invalid_argument("this training has a fixed order");
        const std::int64_t* const values = rows_view(orders, "orders", epochs, n);
        std::vector<std::size_t> last_seen(n, epochs);
        for (std::size_t k = 0; k < epochs * n; ++k) {
            const auto sample = static_cast<std::size_t>(values[k]);
            if (sample >= n || last_seen[sample] == k / n) {
                throw std::invalid_argument("each row of orders must be a permutation of 0 to " +
                                            std::to_string(n - 1));
            }
            last_seen[sample] = k / n;
        }
        return values;
    }

    // (epochs), finite and at least 0
    static const double* checked_rates(const Array<double>& rates, std::size_t epochs) {
        const double* const values = flat_view(rates, "rates", epochs);
        for (std::size_t e = 0; e < epochs; ++e) {
            if (!(values[e] >= 0 && std::isfinite(values[e]))) {
                throw std::invalid_argument("each of rates must be finite and at least 0, got " +
                                            std::to_string(values[e]));
            }
        }
        return values;
    }

    py::object layout_object_, lock_object_;  // keep alive what the next two refer to
    py::tuple sample_arrays_;                 // likewise, for the training
    const Layout& layout_;
    ParameterLock& lock_;
    Array<T> parameters_, moments_;
    Array<double> counters_;
    std::optional<Array<T>> best_parameters_;
    bool validated_;
    TrainingState<T> state_;
    T* best_ = nullptr;
    std::optional<Training<T>> training_;
};

template <class T>
NetworkTraining<T>* training(py::object layout_object, py::object lock, Array<T> parameters,
                             const Array<T>& X, const Array<T>& y,
                             const std::optional<Array<T>>& sample_weight,
                             const std::optional<Array<T>>& eval_X,
                             const std::optional<Array<T>>& eval_y,
                             const std::optional<Array<T>>& eval_weight, const Objective& objective,
                             const OptimizerPlan& optimizer, const Schedule& schedule,
                             const std::optional<Stopping>& stopping, UpdateOrder update_order,
                             std::size_t batch_size, std::optional<std::uint64_t> shuffle_seed,
                             bool reordered, std::size_t threads, Array<T> moments,
                             Array<double> counters, std::optional<Array<T>> best_parameters) {
    const Layout& layout = layout_object.cast<const Layout&>();
    if (batch_size < 1 || threads < 1) {
        throw std::invalid_argument("batch_size and threads must be at least 1");
    }
    const Samples<T> samples = samples_view(layout, X, y, sample_weight);
    std::optional<Samples<T>> validation;
    if (eval_X.has_value() != eval_y.has_value()) {
        throw std::invalid_argument("eval_X and eval_y go together");
    }
    if (eval_X) validation = samples_view(layout, *eval_X, *eval_y, eval_weight);
    const TrainingPlan plan{objective,    optimizer,  schedule,     stopping,
                            update_order, batch_size, shuffle_seed, threads};
    return new NetworkTraining<T>(std::move(layout_object), std::move(lock),
                                  py::make_tuple(X, y, sample_weight, eval_X, eval_y, eval_weight),
                                  std::move(parameters), std::move(moments), std::move(counters),
                                  std::move(best_parameters), plan, samples, validation, reordered);
}

template <class T>
void define(py::module_& m, const char* name) {
    py::class_<NetworkTraining<T>>(m, name).def(
        "run", &NetworkTraining<T>::run, py::arg("first_shuffle"), py::arg("losses").noconvert(),
        py::arg("validation_losses").noconvert().none(true),
        py::arg("outputs").noconvert().none(true), py::arg("progress"),
        py::arg("orders").noconvert().none(true), py::arg("rates").noconvert().none(true));
    m.def("training", &training<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("y").noconvert(),
          py::arg("sample_weight").noconvert().none(true), py::arg("eval_X").noconvert().none(true),
          py::arg("eval_y").noconvert().none(true), py::arg("eval_weight").noconvert().none(true),
          py::arg("objective"), py::arg("optimizer"), py::arg("schedule"),
          py::arg("stopping").none(true), py::arg("update_order"), py::arg("batch_size"),
          py::arg("shuffle_seed").none(true), py::arg("reordered"), py::arg("threads"),
          py::arg("moments").noconvert(), py::arg("counters").noconvert(),
          py::arg("best_parameters").noconvert().none(true));
}

// The plan's parts: values that Python makes and passes on.
void define_plans(py::module_& m) {
    py::class_<Objective>(m, "Objective")
        .def(py::init([](Loss loss, double parameter, double share, Reduction reduction,
                         DerivativeAt derivative_at, double l2) {
                 return Objective{loss, parameter, share, reduction, derivative_at, l2};
             }),
             py::arg("loss"), py::kw_only(), py::arg("parameter"), py::arg("share"),
             py::arg("reduction"), py::arg("derivative_at"), py::arg("l2"));
    py::class_<OptimizerPlan>(m, "Optimizer")
        .def(py::init([](Method method, double learning_rate, double momentum, double beta_1,
                         double beta_2, double epsilon, double increase, double decrease,
                         double smallest_step, double largest_step) {
                 return OptimizerPlan{method,        learning_rate, momentum, beta_1,
                                      beta_2,        epsilon,       increase, decrease,
                                      smallest_step, largest_step};
             }),
             py::arg("method"), py::kw_only(), py::arg("learning_rate"), py::arg("momentum"),
             py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("increase"),
             py::arg("decrease"), py::arg("smallest_step"), py::arg("largest_step"));
    py::class_<Schedule>(m, "Schedule")
        .def(py::init([](ScheduleKind kind, double power, double divisor, std::size_t patience,
                         double tolerance, double smallest) {
                 return Schedule{kind, power, divisor, patience, tolerance, smallest};
             }),
             py::arg("kind"), py::kw_only(), py::arg("power"), py::arg("divisor"),
             py::arg("patience"), py::arg("tolerance"), py::arg("smallest"));
    py::class_<Stopping>(m, "Stopping")
        .def(py::init([](std::size_t patience, double tolerance) {
                 return Stopping{patience, tolerance};
             }),
             py::kw_only(), py::arg("patience"), py::arg("tolerance"));
}

}  // namespace

void define_training(py::module_& m) {
    define_plans(m);
    define<float>(m, "Training32");
    define<double>(m, "Training64");
}

}  // namespace denseloop
