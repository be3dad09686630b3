// A training by its batches that Python runs again and again: state, history and stopping in one.
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/bound_training.hpp"
#include "bindings/fast_method.hpp"
#include "bindings/garbage_collection.hpp"
#include "bindings/recorded_run.hpp"

namespace denseloop {
namespace {

// The Python functions that a trainer calls.
struct TrainerFunctions {
    // Raises what is wrong with the parameters.
    py::object check_trainable;
    // Called with the numbers of an epoch; True ends the training. Or None.
    py::object report;
};

template <class T>
class BoundTrainer {
public:
    BoundTrainer(std::shared_ptr<BoundTraining<T>> training, py::object optimizer,
                 std::vector<double> first_slots, py::object rate, PlannedScaling scaling,
                 py::type history_class, bool record_output, std::size_t report_every,
                 TrainerFunctions functions)
        : training_(std::move(training)),
          optimizer_(std::move(optimizer)),
          first_slots_(std::move(first_slots)),
          rate_(std::move(rate)),
          scaling_(std::move(scaling)),
          history_class_(std::move(history_class)),
          record_output_(record_output),
          report_every_(report_every),
          functions_(std::move(functions)) {
        if (report_every_ < 1) throw std::invalid_argument("report_every must be at least 1");
    }

    // Trains for `epochs` epochs, and returns the history, which the network then has too. `show`,
    // which may be None, is called now and then with the numbers of an epoch.
    py::object run(py::handle epochs, py::handle show) {
        const auto count = epochs.cast<std::size_t>();
        std::optional<std::pair<std::size_t, std::size_t>> outputs;
        if (record_output_) {
            outputs.emplace(training_->samples(), network().layout().n_outputs());
        }
        Recording<T> recording(count, training_->has_validation(), outputs);
        if (training_->has_schedule()) {
            recording.record_rates();
        } else {
            recording.set_rate(rate_);
        }
        return recorded_run(network(), recording, training_->best_parameters(), scaling_,
                            history_class_, functions_.check_trainable, [&] {
                                find_state();
                                training_->forget_losses();
                                return train(recording, count, show);
                            });
    }

    // A callback may lead back to the trainer: Python's garbage collector has to see it.
    int visit(visitproc visit, void* arg) const {
        Py_VISIT(functions_.check_trainable.ptr());
        Py_VISIT(functions_.report.ptr());
        return 0;
    }
    void clear() { functions_ = {py::none(), py::none()}; }

private:
    BoundNetwork<T>& network() { return training_->network(); }

    // Makes the training use the network's state if that is of an equal optimizer, which another
    // training may have had since the last run, else a fresh one.
    void find_state() {
        if (!state_.is_none() && network().memory().get(&TrainingMemory::state).is(state_)) return;
        py::object state =
            state_to_go_on(network(), optimizer_, first_slots_, training_->learning_rate());
        training_->use_state(state.cast<std::shared_ptr<BoundOptimizerState>>());
        state_ = std::move(state);
    }

    // Returns what ended the run; raises what interrupts it.
    const char* train(Recording<T>& recording, std::size_t epochs, py::handle show) {
        SharedTrainingMemory& memory = network().memory();
        while (true) {
            const std::size_t pause = next_pause(recording.finished(), epochs);
            const RunResult result = [&] {
                const BusyFlag::Use changing(network().changing());
                RunResult run = training_->run_records(
                    recording.next(pause - recording.finished(), training_->best_parameters()),
                    nullptr, nullptr, memory.get(&TrainingMemory::shuffled_epochs),
                    progress(recording, show), [&] {
                        memory.change([&](TrainingMemory& now) {
                            now.optimizer = optimizer_;
                            now.state = state_;  // which the core writes to
                            now.scaling = scaling_.after;
                        });
                        recording.begin();
                    });
                if (training_->shuffles()) {
                    memory.change([&](TrainingMemory& now) { now.shuffled_epochs += run.epochs; });
                }
                return run;
            }();
            recording.add(result.epochs);
            if (!result.error.is_none()) raise(result.error);
            const bool stop = result.epochs > 0 && report(recording, show);
            if (result.ending != Ending::epochs) return name_of(result.ending);
            if (stop) return "callback";
            if (recording.finished() == epochs) return "epochs";
        }
    }

    // How many epochs will be finished at the next report, or at the end.
    std::size_t next_pause(std::size_t finished, std::size_t epochs) const {
        if (functions_.report.is_none()) return epochs;
        return std::min((finished / report_every_ + 1) * report_every_, epochs);
    }

    // What the core calls with the epochs finished since now, and the last loss.
    static py::object progress(const Recording<T>& recording, py::handle show) {
        if (show.is_none()) return py::none();
        return py::cpp_function([&recording, show](std::size_t finished, double) {
            show(*recording.numbers(recording.finished() + finished));
        });
    }

    bool report(const Recording<T>& recording, py::handle show) const {
        const std::size_t finished = recording.finished();
        if (!show.is_none()) show(*recording.numbers(finished));
        if (functions_.report.is_none() || finished % report_every_ != 0) return false;
        return functions_.report(*recording.numbers(finished)).ptr() == Py_True;
    }

    [[noreturn]] static void raise(const py::object& error) {
        PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
        throw py::error_already_set();
    }

    const std::shared_ptr<BoundTraining<T>> training_;
    const py::object optimizer_;
    const std::vector<double> first_slots_;  // the values of the slots before the first update
    const py::object rate_;                  // of all epochs, unless the training has a schedule
    const PlannedScaling scaling_;
    const py::type history_class_;
    const bool record_output_;
    const std::size_t report_every_;
    TrainerFunctions functions_;
    py::object state_ = py::none();  // of the last run
};

}  // namespace

template <class T>
void define_trainer(py::module_& m, const char* name) {
    using Trainer = BoundTrainer<T>;
    py::class_<Trainer> trainer(m, name, "A training that keeps its network's state and history.",
                                py::custom_type_setup(&collect_garbage<Trainer>));
    trainer.def(
        py::init([](std::shared_ptr<BoundTraining<T>> training, py::object optimizer,
                    std::vector<double> first_slots, py::object rate, py::object scaling_before,
                    py::object scaling, py::type history_class, bool record_output,
                    std::size_t report_every, py::object check_trainable, py::object report) {
            return std::make_unique<Trainer>(
                std::move(training), std::move(optimizer), std::move(first_slots), std::move(rate),
                PlannedScaling{std::move(scaling_before), std::move(scaling)},
                std::move(history_class), record_output, report_every,
                TrainerFunctions{std::move(check_trainable), std::move(report)});
        }),
        py::arg("training"), py::arg("optimizer"), py::arg("first_slots"), py::arg("rate"),
        py::arg("scaling_before"), py::arg("scaling"), py::arg("history_class"),
        py::arg("record_output"), py::arg("report_every"), py::arg("check_trainable"),
        py::arg("report"));
    define_fast_method<Trainer, &Trainer::run, 2>(trainer, "run");
}

template void define_trainer<float>(py::module_&, const char*);
template void define_trainer<double>(py::module_&, const char*);

}  // namespace denseloop
