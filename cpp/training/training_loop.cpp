#include "training/training_loop.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "base/fp_environment.hpp"
#include "network/make_batch_trainer.hpp"
#include "samples/sample_order.hpp"

namespace denseloop {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The numbers that go into an update.
template <class T>
void require_numbers(const TrainingPlan& plan) {
    const auto require = [](const char* name, double number, double least, double below) {
        if (number >= least && number < below) return;
        throw std::invalid_argument(std::string(name) + " must be at least " +
                                    std::to_string(least) + " and below " + std::to_string(below) +
                                    ", got " + std::to_string(number));
    };
    const OptimizerPlan& o = plan.optimizer;
    require("learning rate", o.learning_rate, 0, infinity);
    require("l2", plan.objective.l2, 0, infinity);
    require("momentum", o.momentum, 0, infinity);
    require("beta_1", o.beta_1, 0, 1);
    require("beta_2", o.beta_2, 0, 1);
    require("epsilon", o.epsilon, 0, infinity);
    require("smallest step", o.smallest_step, 0, infinity);
    require("largest step", o.largest_step, 0, infinity);
    if (o.method == Method::adam && static_cast<T>(o.epsilon) == 0) {
        throw std::invalid_argument("epsilon must not vanish in the network's dtype, got " +
                                    std::to_string(o.epsilon));
    }
}

}  // namespace

template <class T>
Training<T>::Training(const Layout& layout, const TrainingPlan& plan, const Samples<T>& samples,
                      const Samples<T>* validation, bool reordered, Monitor& monitor)
    : layout_(layout),
      plan_(plan),
      schedule_(plan.optimizer, plan.schedule),
      loss_scale_(plan.objective.loss_factor()),
      reordered_(reordered || plan.shuffle_seed),
      flat_parameters_(validation ? layout.n_parameters() : 0),
      order_(plan.shuffle_seed ? samples.X.rows : 0),
      lowest_loss_(infinity),
      lowest_validation_loss_(infinity) {
    in_default_environment([&] {
        require_numbers<T>(plan);
        if (plan.update_order == UpdateOrder::output_first &&
            (plan.optimizer.method != Method::gradient_descent || plan.objective.l2 != 0)) {
            throw std::invalid_argument("output_first is for plain gradient descent");
        }
        if (plan.objective.reduction == Reduction::mean) {
            loss_scale_ /= static_cast<double>(samples.X.rows);
        }
        Pacer pacer(monitor);
        batches_ = make_batches(layout, plan.objective, samples, plan.batch_size, plan.update_order,
                                reordered_, plan.threads, pacer);
        if (validation) {
            require_weights(*validation);
            validation_ = std::make_unique<Validation<T>>(layout, plan.objective, *validation,
                                                          plan.threads, pacer);
        }
        optimizer_ = std::make_unique<Optimizer<T>>(plan.optimizer, *batches_);
    });
}

template <class T>
TrainingResult Training<T>::run(const TrainingState<T>& state, const Records<T>& records,
                                const std::int64_t* orders, const double* rates,
                                std::uint64_t shuffled, Monitor& monitor) {
    return in_default_environment([&]() -> TrainingResult {
        if (reordered_ && orders == nullptr && !plan_.shuffle_seed) {
            throw std::invalid_argument("a training that is reordered needs the orders");
        }
        Pacer pacer(monitor);
        Counters counters = Counters::from(state.counters);
        optimizer_->load(state.parameters, state.moments, layout_.n_parameters());
        const auto store = [&] {
            optimizer_->store(state.parameters, state.moments, layout_.n_parameters());
            counters.to(state.counters);
        };
        Ending ending = Ending::epochs;
        try {
            ThreadTeam team(useful_threads(layout_, batches_->tiling(), plan_.update_order,
                                           plan_.threads, static_cast<double>(records.epochs)),
                            pacer);
            batches_->employ(team, pacer);
            const bool plain = orders == nullptr && rates == nullptr && is_plain(records);
            while (plain && ending == Ending::epochs && pacer.finished_epochs() < records.epochs) {
                ending = plain_epochs(records, counters, pacer);
            }
            for (std::size_t e = pacer.finished_epochs();
                 e < records.epochs && ending == Ending::epochs; ++e) {
                const std::int64_t* order = nullptr;
                if (orders != nullptr) {
                    order = orders + e * samples();
                } else if (plan_.shuffle_seed) {
                    pacer.poll(8 * samples());
                    shuffle(order_, *plan_.shuffle_seed, shuffled + e);
                    order = order_.data();
                }
                const double rate = rates ? rates[e] : schedule_.rate(counters);
                ending = epoch(records, e, order, rate, counters, team, pacer);
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
bool Training<T>::is_plain(const Records<T>& records) const {
    return optimizer_->repeatable() > 0 && records.outputs == nullptr && !validation_ &&
           !plan_.stopping && !plan_.shuffle_seed && plan_.schedule.kind == ScheduleKind::constant;
}

template <class T>
Ending Training<T>::plain_epochs(const Records<T>& records, Counters& counters, Pacer& pacer) {
    const std::size_t first = pacer.finished_epochs();
    const std::size_t wanted = std::min(optimizer_->repeatable(), records.epochs - first);
    double* const losses = records.losses + first;
    const std::size_t made =
        optimizer_->repeat(plan_.optimizer.learning_rate, counters, losses, wanted);
    const double share = batches_->share_of(0, nullptr);
    for (std::size_t e = 0; e < made; ++e) {
        losses[e] = losses[e] * share * loss_scale_;
        pacer.finished_epoch(losses[e]);
    }
    counters.epochs += static_cast<double>(made);
    return made == wanted ? Ending::epochs : Ending::divergence;
}

template <class T>
Ending Training<T>::epoch(const Records<T>& records, std::size_t epoch, const std::int64_t* order,
                          double rate, Counters& counters, ThreadTeam& team, Pacer& pacer) {
    T* outputs = records.outputs;
    if (outputs) outputs += epoch * samples() * layout_.n_outputs();
    const std::size_t batches = batches_->tiling().batches();
    double total = 0;
    for (std::size_t batch = 0; batch < batches; ++batch) {
        const double loss = optimizer_->update(batch, order, rate, counters, outputs);
        if (!std::isfinite(loss)) return Ending::divergence;
        total += loss * batches_->share_of(batch, order);
    }
    const double loss = total * loss_scale_;
    records.losses[epoch] = loss;
    double watched = loss;
    if (validation_) {
        batches_->unpack(optimizer_->parameters(), flat_parameters_.data());
        try {
            watched = validation_->loss(flat_parameters_.data(), team, pacer);
        } catch (const Interrupted&) {  // the epoch's updates are finished
            records.validation_losses[epoch] = NAN;
            schedule_.finished_epoch(loss, counters);
            pacer.finished_epoch(loss);
            throw;
        }
        records.validation_losses[epoch] = watched;
        if (watched < lowest_validation_loss_) {
            lowest_validation_loss_ = watched;
            if (records.best_parameters) {
                std::copy(flat_parameters_.begin(), flat_parameters_.end(),
                          records.best_parameters);
            }
        }
    }
    if (!schedule_.finished_epoch(loss, counters)) return Ending::learning_rate;
    return exhausted(watched) ? Ending::stopping : Ending::epochs;
}

template <class T>
bool Training<T>::exhausted(double loss) {
    if (!plan_.stopping) return false;
    const bool progress = loss < lowest_loss_ - plan_.stopping->tolerance;
    lowest_loss_ = std::min(lowest_loss_, loss);
    without_progress_ = progress ? 0 : without_progress_ + 1;
    return without_progress_ >= plan_.stopping->patience;
}

template class Training<float>;
template class Training<double>;

}  // namespace denseloop
