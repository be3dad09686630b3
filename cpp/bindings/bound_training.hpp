// A training with what its runs read and write.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "bindings/bound_network.hpp"
#include "bindings/bound_optimizer_state.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/run_result.hpp"
#include "network/work_sharing.hpp"
#include "training/training_loop.hpp"

namespace denseloop {

// It keeps all of that alive.
template <class T>
class BoundTraining {
public:
    BoundTraining(std::shared_ptr<BoundNetwork<T>> network,
                  std::shared_ptr<BoundOptimizerState> state, SampleArrays<T> samples,
                  std::optional<SampleArrays<T>> validation,
                  std::optional<Array<T>> best_parameters, const TrainingPlan& plan, bool reordered)
        : network_(std::move(network)),
          state_(std::move(state)),
          samples_(std::move(samples)),
          validation_(std::move(validation)),
          best_parameters_(std::move(best_parameters)),
          n_slots_(traits(plan.optimizer.method).n_slots),
          learning_rate_(plan.optimizer.learning_rate),
          shuffles_(plan.shuffle_key.has_value()),
          has_schedule_(plan.schedule.kind != ScheduleKind::constant) {
        const Layout& layout = network_->layout();
        if (state_) slots(*state_);
        if (best_parameters_) {
            best_ = writable_flat_view(*best_parameters_, "best_parameters", layout.n_parameters());
        }
        const Samples<T> views = samples_view(layout, samples_);
        std::optional<Samples<T>> validation_views;
        work_ = update_work(layout, views.X.rows);
        if (validation_) {
            validation_views = samples_view(layout, *validation_);
            work_ += forward_work(layout, validation_views->X.rows);
        }
        PythonMonitor monitor;
        unless_interrupted(
            monitor,
            [&] {
                loop_.emplace(layout, plan, views, validation_views ? &*validation_views : nullptr,
                              reordered, monitor);
            },
            work_ < cost::gil_release);
    }

    RunResult run(Array<double> losses, std::optional<Array<double>> validation_losses,
                  std::optional<Array<T>> outputs, py::object progress,
                  const std::optional<Array<std::int64_t>>& orders,
                  const std::optional<Array<double>>& rates, std::uint64_t shuffled_epochs) {
        const auto epochs = static_cast<std::size_t>(losses.size());
        Records<T> records{
            epochs, writable_flat_view(losses, "losses", epochs), nullptr, nullptr, best_, nullptr};
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
        return run_records(records, order_data, rate_data, shuffled_epochs, std::move(progress),
                           [] {});
    }

    // The same for the caller's records, whose memory the caller keeps alive. `begin` is called
    // when nothing can be refused any more.
    template <class Begin>
    RunResult run_records(const Records<T>& records, const std::int64_t* orders,
                          const double* rates, std::uint64_t shuffled_epochs, py::object progress,
                          const Begin& begin) {
        PythonMonitor monitor(std::move(progress));
        ParameterLock::Training readers(network_->lock());
        if (!state_) throw std::invalid_argument("a training needs a state");
        Array<T> slot_array = slots(*state_);
        const TrainingState<T> state{network_->writable_parameters(), slot_array.mutable_data(),
                                     state_->counters};
        begin();
        TrainingResult result;
        {
            // Safe: from here on only the arrays' memory is used, which the arguments, the members
            // and slot_array keep alive.
            const bool is_long = static_cast<double>(records.epochs) * work_ >= cost::gil_release;
            std::optional<GilReleased> no_gil;
            if (is_long || network_->lock().has_readers()) no_gil.emplace();
            result = loop_->run(state, records, orders, rates, shuffled_epochs, monitor, readers);
        }
        return {result.epochs, result.ending, monitor.final_error()};
    }

    BoundNetwork<T>& network() { return *network_; }
    std::size_t samples() const { return loop_->samples(); }
    bool has_validation() const { return validation_.has_value(); }
    bool shuffles() const { return shuffles_; }
    // Whether the learning rate changes.
    bool has_schedule() const { return has_schedule_; }
    // Where the parameters with the lowest validation loss go, or null.
    T* best_parameters() const { return best_; }

    double learning_rate() const { return learning_rate_; }

    // Goes on from another state of the same optimizer.
    void use_state(std::shared_ptr<BoundOptimizerState> state) {
        slots(*state);
        state_ = std::move(state);
    }
    // Starts early stopping afresh.
    void forget_losses() { loop_->forget_losses(); }

private:
    Array<T> slots(const BoundOptimizerState& state) const {
        return slots_of<T>(state, n_slots_, network_->layout().n_parameters());
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
    std::shared_ptr<BoundOptimizerState> state_;
    const SampleArrays<T> samples_;
    const std::optional<SampleArrays<T>> validation_;
    std::optional<Array<T>> best_parameters_;
    const std::size_t n_slots_;
    const double learning_rate_;  // of the first epoch
    const bool shuffles_, has_schedule_;
    T* best_ = nullptr;
    double work_ = 0;  // of an epoch
    std::optional<TrainingLoop<T>> loop_;
};

}  // namespace denseloop
