"""The solvers that train epoch by epoch: "sgd", "adam" and "rprop"."""

from functools import lru_cache

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from denseloop import _core, _threads
from denseloop._warnings import warn
from denseloop.neural_network._loss import objective
from denseloop.neural_network._scikit_learn import NOT_FINITE, WARNING_MODULE, bit_generator

MOST_ORDERS = 1 << 20  # sample indices that are drawn at a time
CONSTANT = _core.Schedule(_core.ScheduleKind.constant)  # each run is given its rates


@lru_cache  # partial fits are common enough
def training_plan(objective, optimizer):
    """Return the core's plan of a training, whose stopping and shuffling are scikit-learn's."""
    return _core.TrainingPlan(objective, optimizer, CONSTANT)


class Epochs:
    """The epochs of one fit, or the single one of a partial fit.

    Counts, reports and stops epochs as scikit-learn does. Runs as many epochs per core call as
    possible before the next decision, so that no more of them are made and no more random numbers
    drawn than by scikit-learn.
    """

    def __init__(self, estimator, samples, validation, tasks, show, incremental):
        self._estimator, self._validation, self._tasks = estimator, validation, tasks
        self._show, self._incremental = show, incremental
        self._batch_size = effective_batch_size(estimator, len(samples))
        self._diverged = False
        self._running = None
        self._shuffle = estimator.shuffle and estimator.solver != "rprop"
        self._order = np.arange(len(samples)) if self._shuffle else None
        self._poisson = None
        if estimator.loss == "poisson":
            self._poisson = samples.poisson_constants(self._batch_size)
        self._samples = samples
        self._training = self._trained_by = None

    def _prepare(self):
        """Prepare the training, again if the optimizer was changed since the last epoch."""
        estimator, validation = self._estimator, self._validation
        network, optimizer = estimator._network, estimator._optimizer
        state, plan = optimizer.state_for_core(network.dtype), optimizer.plan()
        if self._trained_by == (state, plan):
            return
        X, y, sample_weight = self._samples.arrays
        sizes = [self._batch_size, *([len(validation)] if validation else [])]
        shared = any(map(network.core.shares_batches, sizes))
        self._training = network.core.training(
            X=X,
            y=y,
            sample_weight=sample_weight,
            eval_set=validation.arrays if validation else None,
            plan=training_plan(objective(estimator, network.dtype), plan),
            state=state,
            batch_size=self._batch_size,
            reordered=self._shuffle,
            threads=_threads.allowed(None, shared),
        )
        self._trained_by = state, plan

    def run(self):
        """Run the epochs until `max_iter` or until something stops the fit."""
        estimator = self._estimator
        evaluation = self._validation and self._validation.evaluation
        vars(estimator).update(n_iter_=0, evals_result_=evaluation.curves if evaluation else {})
        try:
            while estimator.n_iter_ < estimator.max_iter:
                self._run_epochs(self._epochs_until_decision())
                if self._should_stop() or self._incremental:
                    break
            else:
                warn(
                    f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and "
                    f"the optimization hasn't converged yet.",
                    ConvergenceWarning,
                    WARNING_MODULE,
                )
        except KeyboardInterrupt:
            self._record_finished()
            if estimator._is_member:  # the ensemble's fit ends, too
                raise
            self._tasks.stopped = True
            warn("Training interrupted by user.", module=WARNING_MODULE)
        if estimator.early_stopping:
            estimator._network.write(estimator._best_coefs, estimator._best_intercepts)

    def _epochs_until_decision(self):
        """Return how many epochs can run before something has to be decided or reported."""
        estimator = self._estimator
        if self._incremental or estimator.verbose or estimator.early_stopping or self._tasks:
            return 1
        if self._validation and self._validation.evaluation:
            return 1
        left = estimator.max_iter - estimator.n_iter_
        # Fewer epochs cannot end the fit. After a warm start, which keeps the last fit's count,
        # the difference can be any number.
        without_progress = estimator.n_iter_no_change - estimator._no_improvement_count + 1
        memory = MOST_ORDERS // len(self._samples) if self._shuffle else left
        return max(1, int(min(left, without_progress, memory)))

    def _run_epochs(self, epochs):
        orders = self._draw_orders(epochs) if self._shuffle else None
        if self._tasks:
            self._tasks.begin_epoch()
        optimizer = self._estimator._optimizer
        rates = optimizer.rates(epochs, self._estimator.t_, len(self._samples))
        self._prepare()
        self._running = running = RunningEpochs(self._estimator, epochs, orders, self._validation)
        if self._diverged:
            return self._record(running, epochs)
        result = self._training.run(
            losses=running.losses,
            validation_losses=running.validation_losses,
            progress=self._show and (lambda finished, _: self._report(running, finished)),
            orders=orders,
            rates=rates,
        )
        self._record_finished()
        if self._show:
            self._report(running, result.epochs)
        if result.error is not None:
            raise result.error
        if result.ending is _core.Ending.divergence:
            if not self._estimator.early_stopping:
                raise ValueError(NOT_FINITE)
            # Scikit-learn keeps the best weights and runs the remaining epochs with nan.
            self._diverged = True
            self._estimator._network.flat[...] = np.nan
            self._record(running, epochs)

    def _record_finished(self):
        """Record the epochs of the core's last run, unless that is done."""
        if self._running is not None and (finished := self._running.finished):
            self._record(self._running, finished)
        self._running = None

    def _record(self, running, finished):
        """Record one epoch, or several among which nothing has to be reported.

        After an interruption it is called again, and replaces what it has recorded. Attributes that
        belong together change in one call of C, which a signal's handler cannot split.
        """
        estimator, validation = self._estimator, self._validation
        losses, validation_losses = self._losses(running, finished)
        estimator.loss_curve_[running.before :] = list(losses)  # np.float64, as in scikit-learn
        vars(estimator).update(
            n_iter_=running.n_iter + finished,
            t_=running.t + finished * len(self._samples),
            loss_=estimator.loss_curve_[-1],
        )
        estimator._optimizer.end_epochs(estimator.t_)
        if validation:
            curve = estimator.validation_loss_curve_
            curve[running.validated_before :] = list(validation_losses)
            if validation.evaluation:
                validation.evaluation.record(running.n_iter)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        if not estimator.early_stopping:
            self._count_progress("best_loss_", losses, running)
        elif estimator.stopping_criterion == "loss":
            self._count_progress("best_validation_loss_", validation_losses, running)
            if estimator.verbose:
                print(f"Validation loss: {estimator.validation_loss_curve_[-1]:f}")
            if estimator.best_validation_loss_ < running.best["best_validation_loss_"]:
                vars(estimator).update(
                    _best_coefs=[coef.copy() for coef in estimator.coefs_],
                    _best_intercepts=[bias.copy() for bias in estimator.intercepts_],
                )
        elif len(estimator.validation_scores_) == running.scored_before:
            estimator._update_no_improvement_count(True, *validation.scored)

    def _losses(self, running, finished):
        """Return scikit-learn's losses (finished,), and those of the validation samples or None."""
        losses, validation_losses = running.losses[:finished], None
        if self._poisson:
            orders = running.orders_of(finished)
            losses = losses + self._poisson.epoch_means(orders, finished)
        if self._validation:
            validation_losses = running.validation_losses[:finished] + self._validation.constant
        return losses, validation_losses

    def _report(self, running, finished):
        """Show the last of the finished epochs in the progress bar, if there is any."""
        if finished == 0:
            return
        losses, validation_losses = self._losses(running, finished)
        validation_loss = None if validation_losses is None else validation_losses[-1]
        self._show(running.n_iter + finished, losses[-1], validation_loss)

    def _count_progress(self, name, losses, running):
        """Count the epochs without progress as scikit-learn does; keep the lowest loss by name."""
        tolerance, without_progress = self._estimator.tol, running.without_progress
        best = float(running.best[name])
        for loss in losses.tolist():
            without_progress = without_progress + 1 if loss > best - tolerance else 0
            best = min(best, loss)
        found = {name: np.float64(best), "_no_improvement_count": without_progress}
        vars(self._estimator).update(found)

    def _draw_orders(self, epochs):
        """Return (epochs, n_samples) orders; each shuffles the one before, as in scikit-learn."""
        orders = np.empty((epochs, len(self._samples)), np.int64)
        orders[0] = self._order
        generator = bit_generator(self._estimator._random_state)
        with generator.lock:
            _core.shuffles(generator.capsule, orders)
        self._order = orders[-1]
        return orders

    def _should_stop(self):
        """Return whether a callback or the lack of progress ends the fit."""
        estimator = self._estimator
        if self._tasks and self._tasks.end_epoch():
            return True
        if estimator._no_improvement_count <= estimator.n_iter_no_change:
            return False
        watched = "Training loss"
        if estimator.early_stopping:
            watched = f"Validation {estimator.stopping_criterion}"
        message = (
            f"{watched} did not improve more than tol={estimator.tol:f} for "
            f"{estimator.n_iter_no_change} consecutive epochs."
        )
        if estimator._optimizer.trigger_stopping(message, estimator.verbose):
            return True
        estimator._no_improvement_count = 0
        return False


class RunningEpochs:
    """Epochs that the core runs in one call, and the estimator's counts before them."""

    def __init__(self, estimator, epochs, orders, validation):
        self.orders = orders
        self.losses = unknown(epochs)
        self.validation_losses = unknown(epochs) if validation else None
        counts = vars(estimator)
        self.n_iter, self.t = counts["n_iter_"], counts["t_"]
        self.before = len(counts["loss_curve_"])
        self.without_progress = counts["_no_improvement_count"]
        self.validated_before = len(counts["validation_loss_curve_"])
        self.scored_before = len(counts.get("validation_scores_") or ())
        names = ("best_loss_", "best_validation_loss_")
        self.best = {name: counts.get(name) for name in names}

    @property
    def finished(self):
        """How many of the epochs are finished."""
        return sum(loss == loss for loss in self.losses.tolist())

    def orders_of(self, epochs):
        """Return the orders of the samples in the first epochs, or None."""
        return None if self.orders is None else self.orders[:epochs]


def unknown(epochs):
    """Return the losses (epochs,) before they are known: nan."""
    losses = np.empty(epochs)
    losses.fill(np.nan)
    return losses


def effective_batch_size(estimator, n_samples):
    """Return the number of samples per update, by scikit-learn's rules."""
    if estimator.solver == "rprop":
        return n_samples
    if estimator.batch_size == "auto":
        return min(200, n_samples)
    if estimator.batch_size > n_samples:
        warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            module=WARNING_MODULE,
        )
    return int(min(estimator.batch_size, n_samples))
