// One of many networks that are trained at once.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bound_network.hpp"
#include "bindings/bound_optimizer_state.hpp"
#include "bindings/recorded_run.hpp"
#include "bindings/run_result.hpp"
#include "network/work_sharing.hpp"
#include "training/lane_group.hpp"
#include "training/many_trainings.hpp"
#include "training/training_loop.hpp"

namespace denseloop {

// What networks of one layout have in common when they are trained: samples and options.
template <class T>
struct MemberPlan {
    SampleArrays<T> samples;
    std::optional<SampleArrays<T>> validation;
    TrainingPlan plan;
    py::object options;  // what the plan was made from: the same for equal options
    py::object optimizer;
    std::vector<double> first_slots;  // the values of the slots before the first update
    py::object rate;                  // of all epochs, unless there is a schedule
    PlannedScaling scaling;
    bool record_output, restore_best;

    // Refuses what no network of this layout can be trained with.
    void check(const BoundNetwork<T>& network) const {
        const Layout& layout = network.layout();
        PythonMonitor monitor;
        const Samples<T> views = samples_view(layout, samples);
        const auto validation_views = views_of_validation(layout);
        unless_interrupted(monitor, [&] {
            TrainingLoop<T>(layout, plan, views, validation_views ? &*validation_views : nullptr,
                            false, monitor);
        });
    }

    std::optional<Samples<T>> views_of_validation(const Layout& layout) const {
        if (!validation) return std::nullopt;
        return samples_view(layout, *validation);
    }
};

// A member as the function that trains them all has it.
class AnyMember : public MemberTraining {
public:
    // Stores the history in the network, and returns it, or None if the training has not begun;
    // `interrupted_by` says what ended an interrupted one. Raises what ended the member by an
    // error.
    virtual py::object publish(const char* interrupted_by) = 0;
};

template <class T>
class BoundMember final : public AnyMember {
public:
    // `shuffle_key` is the network's own. The network is in use while this lives.
    BoundMember(std::shared_ptr<BoundNetwork<T>> network, std::shared_ptr<MemberPlan<T>> plan,
                std::size_t epochs, std::optional<std::uint64_t> shuffle_key,
                py::handle history_class)
        : network_(std::move(network)),
          plan_(std::move(plan)),
          history_class_(history_class),
          being_trained_(network_->being_trained()),
          recording_(epochs, plan_->validation.has_value(), size_of_outputs()),
          training_plan_(plan_->plan) {
        if (!being_trained_) throw InUse();
        require_planned_scaling(*network_, plan_->scaling);
        training_plan_.shuffle_key = shuffle_key;
        if (training_plan_.schedule.kind == ScheduleKind::constant) {
            recording_.set_rate(plan_->rate);
        } else {
            recording_.record_rates();
        }
        if (plan_->restore_best) best_.resize(network_->layout().n_parameters());
        state_object_ = state_to_go_on(*network_, plan_->optimizer, plan_->first_slots,
                                       plan_->plan.optimizer.learning_rate);
        state_ = state_object_.cast<std::shared_ptr<BoundOptimizerState>>();
        slots_ = slots_of<T>(*state_, plan_->first_slots.size(), network_->layout().n_parameters());
        state_view_.emplace(TrainingState<T>{network_->writable_parameters(), slots_.mutable_data(),
                                             state_->counters});
        shuffled_epochs_ = network_->memory().get(&TrainingMemory::shuffled_epochs);
        records_ = recording_.next(epochs, best_.empty() ? nullptr : best_.data());
        views_.emplace(samples_view(network_->layout(), plan_->samples));
        validation_views_ = plan_->views_of_validation(network_->layout());
        // The core cannot tell Python when it begins, so the scaling is there from now on.
        network_->memory().change([&](TrainingMemory& memory) {
            changing_.emplace(network_->changing());
            scaling_before_ = memory.scaling;
            memory.scaling = plan_->scaling.after;
        });
    }
    ~BoundMember() override {
        if (begun_ || !changing_) return;
        network_->memory().change(
            [&](TrainingMemory& memory) { memory.scaling = scaling_before_; });
    }

    const Layout& layout() const { return network_->layout(); }
    const TrainingPlan& training_plan() const { return training_plan_; }
    std::size_t epochs() const { return records_.epochs; }
    ParameterLock& lock() { return network_->lock(); }

    // What members that can go side by side have in common, or nothing if this one cannot.
    struct LaneKey {
        const Layout* layout;
        PyObject* options;
        std::size_t rows, epochs;
        bool weighted;
        BatchFactors factors;
        std::uint64_t updates, finished_epochs;
        double beta_1_power, beta_2_power;
        bool operator==(const LaneKey&) const = default;
    };
    std::optional<LaneKey> lane_key() const {
        if (!suits_lanes(layout(), training_plan_, *views_, records_)) return std::nullopt;
        const OptimizerCounters& counters = state_->counters;
        return LaneKey{&layout(),
                       plan_->options.ptr(),
                       views_->X.rows,
                       records_.epochs,
                       views_->weight.has_value(),
                       batch_factors(training_plan_, *views_),
                       counters.updates,
                       counters.epochs,
                       counters.beta_1_power,
                       counters.beta_2_power};
    }
    typename LaneGroup<T>::Member lane_member() { return {*views_, *state_view_, records_}; }

    // For who trains the member in its place.
    void begin() { begun_ = true; }
    void end(const TrainingResult& result) { result_ = result; }
    void fail(std::exception_ptr error) { error_ = std::move(error); }

    double work() const override {
        const Layout& layout = network_->layout();
        double work = update_work(layout, views_->X.rows);
        if (validation_views_) work += forward_work(layout, validation_views_->X.rows);
        return work * static_cast<double>(records_.epochs);
    }

    void run(std::size_t threads, Monitor& monitor) noexcept override {
        run_from(0, threads, monitor);
    }

    // The same when so many epochs are finished already. Returns whether nobody interrupted it.
    bool run_from(std::size_t finished, std::size_t threads, Monitor& monitor) noexcept {
        try {
            training_plan_.threads = threads;
            TrainingLoop<T> loop(network_->layout(), training_plan_, *views_,
                                 validation_views_ ? &*validation_views_ : nullptr, false, monitor);
            ParameterLock::Training readers(network_->lock());
            begun_ = true;
            Records<T> left = records_;
            left.epochs -= finished;
            left.losses += finished;
            result_ =
                loop.run(*state_view_, left, nullptr, nullptr, shuffled_epochs_, monitor, readers);
            result_.epochs += finished;
            return result_.ending != Ending::interrupt;
        } catch (const Interrupted&) {  // before the loop began
            result_ = {Ending::interrupt, finished};
            return false;
        } catch (...) {
            result_.epochs = finished;
            error_ = std::current_exception();
        }
        return true;
    }

    py::object publish(const char* interrupted_by) override {
        py::object history = py::none();
        if (begun_) {
            network_->memory().change([&](TrainingMemory& memory) {
                memory.optimizer = plan_->optimizer;
                memory.state = state_object_;
                if (training_plan_.shuffle_key) memory.shuffled_epochs += result_.epochs;
            });
            recording_.add(result_.epochs);
            changing_.reset();
            const bool interrupted = result_.ending == Ending::interrupt;
            if (!interrupted) restore_best(*network_, recording_, records_.best_parameters);
            history = recording_.history(history_class_,
                                         interrupted ? interrupted_by : name_of(result_.ending));
            network_->memory().change([&](TrainingMemory& memory) { memory.history = history; });
        }
        if (error_) std::rethrow_exception(error_);
        return history;
    }

private:
    std::optional<std::pair<std::size_t, std::size_t>> size_of_outputs() const {
        if (!plan_->record_output) return std::nullopt;
        const auto samples = samples_view(network_->layout(), plan_->samples).X.rows;
        return std::pair(samples, network_->layout().n_outputs());
    }

    const std::shared_ptr<BoundNetwork<T>> network_;
    const std::shared_ptr<MemberPlan<T>> plan_;
    const py::handle history_class_;
    const BusyFlag::Use being_trained_;
    std::optional<BusyFlag::Use> changing_;
    Recording<T> recording_;
    TrainingPlan training_plan_;
    py::object state_object_, scaling_before_;
    std::shared_ptr<BoundOptimizerState> state_;
    Array<T> slots_;
    std::optional<TrainingState<T>> state_view_;
    std::uint64_t shuffled_epochs_ = 0;
    std::vector<T> best_;
    Records<T> records_{};
    std::optional<Samples<T>> views_, validation_views_;
    bool begun_ = false;
    TrainingResult result_{};
    std::exception_ptr error_;
};

}  // namespace denseloop
