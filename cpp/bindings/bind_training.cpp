#include <pybind11/stl.h>

#include <cmath>
#include <string>

#include "bindings/bindings.hpp"
#include "bindings/bound_optimizer_state.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/run_result.hpp"
#include "training/training_loop.hpp"

namespace denseloop {
namespace {

// A training with what its runs read and write. It keeps all of that alive.
template <class T>
class BoundTraining {
public:
    BoundTraining(std::shared_ptr<BoundNetwork<T>> network,
                  std::shared_ptr<BoundOptimizerState> state, SampleArrays<T> samples,
                  std::optional<SampleArrays<T>> validation,
                  std::optional<Array<T>> best_parameters, const TrainingPlan& plan, bool reordered,
                  bool exclusive)
        : network_(std::move(network)),
          state_(std::move(state)),
          samples_(std::move(samples)),
          validation_(std::move(validation)),
          best_parameters_(std::move(best_parameters)),
          n_slots_(traits(plan.optimizer.method).n_slots),
          exclusive_(exclusive) {
        const Layout& layout = network_->layout();
        parameters_ = network_->writable_parameters();
        slots(*state_);
        if (best_parameters_) {
            best_ = writable_flat_view(*best_parameters_, "best_parameters", layout.n_parameters());
        }
        const Samples<T> views = samples_view(layout, samples_);
        std::optional<Samples<T>> validation_views;
        if (validation_) validation_views = samples_view(layout, *validation_);
        PythonMonitor monitor;
        unless_interrupted(monitor, [&] {
            loop_.emplace(layout, plan, views, validation_views ? &*validation_views : nullptr,
                          reordered, monitor);
        });
    }

    RunResult run(Array<double> losses, std::optional<Array<double>> validation_losses,
                  std::optional<Array<T>> outputs, py::object progress,
                  const std::optional<Array<std::int64_t>>& orders,
                  const std::optional<Array<double>>& rates, std::uint64_t shuffled_epochs) {
        const auto epochs = static_cast<std::size_t>(losses.size());
        Records<T> records{epochs, writable_flat_view(losses, "losses", epochs), nullptr, nullptr,
                           best_};
        if (validation_.has_value() != validation_losses.has_value()) {
            throw std::invalid_argument("validation_losses go with validation samples");
        }
        if (validation_losses) {
            records.validation_losses =
                writable_flat_view(*validation_losses, "validation_losses", epochs);
        }
        if (outputs) {
            const std::size_t per_epoch =
                checked_product(loop_->samples(), network_->layout().n_outputs());
            records.outputs =
                writable_flat_view(*outputs, "outputs", checked_product(epochs, per_epoch));
        }
        const std::int64_t* const order_data = orders ? orders_view(*orders, epochs) : nullptr;
        const double* const rate_data = rates ? rates_view(*rates, epochs) : nullptr;
        PythonMonitor monitor(std::move(progress));
        const auto lock = (exclusive_ ? network_->lock() : own_lock_).for_training();
        Array<T> slot_array = slots(*state_);
        const TrainingState<T> state{parameters_, slot_array.mutable_data(), state_->counters};
        TrainingResult result;
        {
            // Safe: from here on only the arrays' memory is used, which the arguments, the members
            // and slot_array keep alive.
            const py::gil_scoped_release no_gil;
            result = loop_->run(state, records, order_data, rate_data, shuffled_epochs, monitor);
        }
        return {result.epochs, result.ending, monitor.final_error()};
    }

private:
    // (n_slots, n_parameters)
    Array<T> slots(const BoundOptimizerState& state) const {
        if (!py::isinstance<Array<T>>(state.slots)) {
            throw py::type_error("slots must have the network's dtype");
        }
        Array<T> slots = state.slots;
        writable_rows_view(slots, "slots", n_slots_, network_->layout().n_parameters());
        return slots;
    }

    // (epochs, n_samples), each row a permutation.
    const std::int64_t* orders_view(const Array<std::int64_t>& orders, std::size_t epochs) {
        const std::size_t n = loop_->samples();
        if (!loop_->reordered()) throw std::invalid_argument("this training has a fixed order");
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

    // (epochs,), finite and at least 0.
    static const double* rates_view(const Array<double>& rates, std::size_t epochs) {
        const double* const values = flat_view(rates, "rates", epochs);
        for (std::size_t e = 0; e < epochs; ++e) {
            if (!(values[e] >= 0 && std::isfinite(values[e]))) {
                throw std::invalid_argument("each of rates must be finite and at least 0, got " +
                                            std::to_string(values[e]));
            }
        }
        return values;
    }

    const std::shared_ptr<BoundNetwork<T>> network_;
    const std::shared_ptr<BoundOptimizerState> state_;
    const SampleArrays<T> samples_;
    const std::optional<SampleArrays<T>> validation_;
    std::optional<Array<T>> best_parameters_;
    const std::size_t n_slots_;
    const bool exclusive_;
    ParameterLock own_lock_;  // of a training that is not exclusive: only one run at a time
    T* parameters_ = nullptr;
    T* best_ = nullptr;
    std::optional<TrainingLoop<T>> loop_;
};

template <class T>
std::unique_ptr<BoundTraining<T>> make_training(
    std::shared_ptr<BoundNetwork<T>> network, Array<T> X, Array<T> y, const Objective& objective,
    const OptimizerPlan& optimizer, const Schedule& schedule,
    std::shared_ptr<BoundOptimizerState> state, std::size_t batch_size, std::size_t threads,
    std::optional<Array<T>> sample_weight, std::optional<SampleArrays<T>> eval_set,
    const std::optional<Stopping>& stopping, UpdateOrder update_order,
    std::optional<std::uint64_t> shuffle_key, bool reordered,
    std::optional<Array<T>> best_parameters, bool exclusive) {
    if (batch_size < 1 || threads < 1) {
        throw std::invalid_argument("batch_size and threads must be at least 1");
    }
    const TrainingPlan plan{objective,    optimizer,  schedule,    stopping,
                            update_order, batch_size, shuffle_key, threads};
    return std::make_unique<BoundTraining<T>>(
        std::move(network), std::move(state),
        SampleArrays<T>{std::move(X), std::move(y), std::move(sample_weight)}, std::move(eval_set),
        std::move(best_parameters), plan, reordered, exclusive);
}

}  // namespace

template <class T>
void define_training(py::module_& m, NetworkClass<T>& network, const char* name) {
    py::class_<BoundTraining<T>>(m, name, "Packed samples and an optimizer's state, to be run.")
        .def("run", &BoundTraining<T>::run, py::kw_only(), py::arg("losses").noconvert(),
             py::arg("validation_losses").noconvert().none(true) = py::none(),
             py::arg("outputs").noconvert().none(true) = py::none(),
             py::arg("progress") = py::none(),
             py::arg("orders").noconvert().none(true) = py::none(),
             py::arg("rates").noconvert().none(true) = py::none(),
             py::arg("shuffled_epochs") = std::uint64_t{0});
    network.def("training", &make_training<T>, py::kw_only(), py::arg("X").noconvert(),
                py::arg("y").noconvert(), py::arg("objective"), py::arg("optimizer"),
                py::arg("schedule"), py::arg("state"), py::arg("batch_size"), py::arg("threads"),
                py::arg("sample_weight").noconvert().none(true) = py::none(),
                py::arg("eval_set").noconvert().none(true) = py::none(),
                py::arg("stopping").none(true) = py::none(),
                py::arg("update_order") = UpdateOrder::simultaneous,
                py::arg("shuffle_key").none(true) = py::none(), py::arg("reordered") = false,
                py::arg("best_parameters").noconvert().none(true) = py::none(),
                py::arg("exclusive") = true);
}

template void define_training<float>(py::module_&, NetworkClass<float>&, const char*);
template void define_training<double>(py::module_&, NetworkClass<double>&, const char*);

}  // namespace denseloop
