#include "training/training_loop.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "base/arithmetic.hpp"
#include "base/fp_environment.hpp"
#include "network/make_batch_trainer.hpp"
#include "samples/sample_order.hpp"
#include "training/double_buffer.hpp"
#include "training/validation.hpp"

namespace denseloop {
namespace {

void require_between(const std::string& name, double number, double below) {
    if (number >= 0 && number < below) return;
    throw std::invalid_argument(name + " must be at least 0 and below " + std::to_string(below) +
                                ", got " + std::to_string(number));
}

// Refuses numbers that no update can use.
template <class T>
void require_usable_numbers(const TrainingPlan& plan) {
    const OptimizerPlan& optimizer = plan.optimizer;
    require_between("learning_rate", optimizer.learning_rate, infinity);
    require_between("l2", plan.objective.l2, infinity);
    for (const auto& row : hyperparameter_table<double>) {
        require_between(row.name, optimizer.hyperparameters.*row.member,
                        row.below_1 ? 1 : infinity);
    }
    const double epsilon = optimizer.hyperparameters.epsilon;
    if (traits(optimizer.method).has_adam_moments && static_cast<T>(epsilon) == 0) {
        throw std::invalid_argument("epsilon must not vanish in the network's dtype, got " +
                                    std::to_string(epsilon));
    }
}

void require_fitting_order(const TrainingPlan& plan) {
    if (plan.update_order == UpdateOrder::output_first &&
        (plan.optimizer.method != Method::gradient_descent || plan.objective.l2 != 0)) {
        throw std::invalid_argument("output_first needs plain gradient descent without l2");
    }
}

}  // namespace

template <class T>
TrainingLoop<T>::TrainingLoop(const Layout& layout, const TrainingPlan& plan,
                              const Samples<T>& samples, const Samples<T>* validation,
                              bool reordered, Monitor& monitor)
    : layout_(layout),
      plan_(plan),
      schedule_(plan.optimizer, plan.schedule),
      n_samples_(samples.X.rows),
      loss_scale_(plan.objective.value_factor()),
      reordered_(reordered || plan.shuffle_key),
      flat_parameters_(validation ? layout.n_parameters() : 0),
      order_(plan.shuffle_key ? samples.X.rows : 0) {
    forget_losses();
    in_default_environment([&] {
        require_usable_numbers<T>(plan);
        require_fitting_order(plan);
        if (plan.objective.reduction == Reduction::mean) {
            loss_scale_ /= static_cast<double>(n_samples_);
        }
        Pacer pacer(monitor);
        trainer_ = make_batch_trainer(layout, plan.objective, samples, plan.batch_size,
                                      plan.update_order, reordered_, plan.threads, pacer);
        if (validation) {
            validation_ = make_validation(layout, plan.objective, *validation, plan.threads, pacer);
        }
        buffer_ = std::make_unique<DoubleBuffer<T>>(plan.optimizer, *trainer_);
    });
}

template <class T>
TrainingLoop<T>::~TrainingLoop() = default;

template <class T>
void TrainingLoop<T>::forget_losses() {
    lowest_loss_ = lowest_validation_loss_ = infinity;
    without_progress_ = 0;
}

template <class T>
TrainingResult TrainingLoop<T>::run(const TrainingState<T>& state, const Records<T>& records,
                                    const std::int64_t* orders, const double* rates,
                                    std::uint64_t shuffled, Monitor& monitor, Readers& readers) {
    return in_default_environment([&]() -> TrainingResult {
        if (reordered_ && orders == nullptr && !plan_.shuffle_key) {
            throw std::invalid_argument("a reordered training without a seed needs the orders");
        }
        Pacer pacer(monitor, &readers);
        OptimizerCounters counters = state.counters;
        try {
            Pacer without_readers(monitor);  // there is nothing to read before
            buffer_->load(state, layout_.n_parameters(), without_readers);
        } catch (const Interrupted&) {
            return {Ending::interrupt, 0};
        }
        readers.offer(*buffer_);
        const auto store = [&] {
            if (counters == state.counters) return;
            readers.store([&] {
                buffer_->store(state, layout_.n_parameters());
                state.counters = counters;
            });
        };
        Ending ending = Ending::epochs;
        try {
            ThreadTeam team(useful_threads(layout_, trainer_->tiling(), plan_.update_order,
                                           plan_.threads, static_cast<double>(records.epochs)),
                            pacer);
            const Executor executor{pacer, &team};
            const bool plain = orders == nullptr && rates == nullptr && is_plain(records);
            while (plain && ending == Ending::epochs && pacer.finished_epochs() < records.epochs) {
                ending = plain_epochs(records, counters, pacer);
            }
            for (std::size_t e = pacer.finished_epochs();
                 e < records.epochs && ending == Ending::epochs; ++e) {
                const std::int64_t* order = nullptr;
                if (orders != nullptr) {
                    order = orders + e * n_samples_;
                } else if (plan_.shuffle_key) {
                    pacer.poll(cost::packing * n_samples_);
                    shuffle(order_, *plan_.shuffle_key, shuffled + e);
                    order = order_.data();
                }
                const double learning_rate = rates ? rates[e] : schedule_.rate(counters);
                if (records.rates) records.rates[e] = learning_rate;
                ending = epoch(records, e, order, learning_rate, counters, executor);
                if (ending != Ending::divergence) pacer.finished_epoch(records.losses[e]);
            }
        } catch (const Interrupted&) {
            ending = Ending::interrupt;
        } catch (...) {
            store();
            throw;
        }
        store();
        return {ending, pacer.finished_epochs()};
    });
}

template <class T>
bool TrainingLoop<T>::is_plain(const Records<T>& records) const {
    return buffer_->repeatable() > 0 && records.outputs == nullptr && !validation_ &&
           !plan_.stopping && !plan_.shuffle_key && plan_.schedule.kind == ScheduleKind::constant;
}

template <class T>
Ending TrainingLoop<T>::plain_epochs(const Records<T>& records, OptimizerCounters& counters,
                                     Pacer& pacer) {
    const std::size_t first = pacer.finished_epochs();
    const std::size_t wanted = std::min(buffer_->repeatable(), records.epochs - first);
    double* const losses = records.losses + first;
    const std::size_t made =
        buffer_->repeat(plan_.optimizer.learning_rate, counters, losses, wanted, pacer);
    const double factor = trainer_->weights().epoch_factor(0, nullptr);
    for (std::size_t e = 0; e < made; ++e) {
        losses[e] = losses[e] * factor * loss_scale_;
        pacer.finished_epoch(losses[e]);
    }
    counters.epochs += made;
    return made == wanted ? Ending::epochs : Ending::divergence;
}

template <class T>
Ending TrainingLoop<T>::epoch(const Records<T>& records, std::size_t epoch,
                              const std::int64_t* order, double learning_rate,
                              OptimizerCounters& counters, const Executor& executor) {
    T* outputs = records.outputs;
    if (outputs) outputs += epoch * n_samples_ * layout_.n_outputs();
    const std::size_t batches = trainer_->tiling().batches();
    double total = 0;
    for (std::size_t batch = 0; batch < batches; ++batch) {
        const double loss =
            buffer_->update(batch, order, learning_rate, counters, outputs, executor);
        if (!std::isfinite(loss)) return Ending::divergence;
        total += loss * trainer_->weights().epoch_factor(batch, order);
    }
    const double loss = total * loss_scale_;
    records.losses[epoch] = loss;
    double watched = loss;
    if (validation_) {
        try {
            watched = validate(records, epoch, executor);
        } catch (const Interrupted&) {  // the epoch's updates are finished
            records.validation_losses[epoch] = NAN;
            schedule_.finished_epoch(loss, counters);
            executor.pacer.finished_epoch(loss);
            throw;
        }
    }
    if (!schedule_.finished_epoch(loss, counters)) return Ending::learning_rate;
    return after_loss(watched);
}

template <class T>
double TrainingLoop<T>::validate(const Records<T>& records, std::size_t epoch,
                                 const Executor& executor) {
    trainer_->to_flat(buffer_->parameters(), flat_parameters_.data());
    const double loss = validation_->loss(flat_parameters_.data(), executor);
    records.validation_losses[epoch] = loss;
    if (loss < lowest_validation_loss_) {
        lowest_validation_loss_ = loss;
        if (records.best_parameters) {
            std::copy(flat_parameters_.begin(), flat_parameters_.end(), records.best_parameters);
        }
    }
    return loss;
}

template <class T>
Ending TrainingLoop<T>::after_loss(double loss) {
    if (!plan_.stopping) return Ending::epochs;
    if (loss <= plan_.stopping->goal) return Ending::goal;
    const bool progress = plan_.stopping->is_progress(loss, lowest_loss_);
    lowest_loss_ = std::min(lowest_loss_, loss);
    without_progress_ = progress ? 0 : without_progress_ + 1;
    return without_progress_ >= plan_.stopping->patience ? Ending::stopping : Ending::epochs;
}

template class TrainingLoop<float>;
template class TrainingLoop<double>;

}  // namespace denseloop
