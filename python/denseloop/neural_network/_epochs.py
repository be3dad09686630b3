"""The solvers that go through the samples epoch by epoch: "sgd", "adam" and "rprop"."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from denseloop import _core, _threads
from denseloop._training.descent import core_optimizer, core_schedule
from denseloop.neural_network._network import fill, objective, poisson_constants
from denseloop.neural_network._scikit_learn import AdamOptimizer, bit_generator

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


class Epochs:
    """The epochs of one fit, or the one of a partial fit.

    They are counted, told of and stopped as in scikit-learn. As many are made in one call of the
    core as it takes until something must be looked at, so that no more of them are made, and no
    more random numbers drawn, than scikit-learn does.
    """

    most_orders = 1 << 20  # indices of samples that are drawn at a time

    def __init__(self, estimator, X, y, sample_weight, validation, tasks, incremental):
        self._estimator, self._validation, self._tasks = estimator, validation, tasks
        self._incremental = incremental
        self._batch_size = batch_size(estimator, len(X))
        self._order = np.arange(len(X))
        self._diverged = False
        self._shuffle = estimator.shuffle and estimator.solver != "rprop"
        self._poisson = PoissonConstants(y, sample_weight) if estimator.loss == "poisson" else None
        network, state = estimator._network, estimator._optimizer
        self._training = _core.training(
            network._layout,
            _core.ParameterLock(),  # of its own, so that others can predict meanwhile
            network.parameters,
            X,
            y,
            sample_weight,
            *(validation.arrays if validation else (None, None, None)),
            objective(estimator, network.dtype),
            core_optimizer(state.optimizer),
            core_schedule(state.optimizer),
            None,  # stopping is scikit-learn's
            _core.UpdateOrder.simultaneous,
            self._batch_size,
            None,  # and so is shuffling
            self._shuffle,
            _threads.allowed(None),
            state.moments,
            state.counters,
            None,
        )

    def run(self):
        """All of them, or as many as there are until something ends the fit."""
        estimator = self._estimator
        estimator.n_iter_ = 0
        try:
            while estimator.n_iter_ < estimator.max_iter:
                self._make(self._until_something_is_due())
                if self._ended() or self._incremental:
                    break
            else:
                warnings.warn(
                    f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and "
                    f"the optimization hasn't converged yet.",
                    ConvergenceWarning,
                    stacklevel=6,
                )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=6)
        if estimator.early_stopping:
            fill(estimator._network, estimator._best_coefs, estimator._best_intercepts)

    def _until_something_is_due(self):
        """How many epochs can be made at once."""
        estimator = self._estimator
        if self._incremental or estimator.verbose or estimator.early_stopping or self._tasks:
            return 1
        left = estimator.max_iter - estimator.n_iter_
        # So many without progress make it stop, and fewer cannot. After a warm start, which counts
        # on from the fit before, it can be any number.
        without_progress = estimator.n_iter_no_change - estimator._no_improvement_count + 1
        memory = self.most_orders // len(self._order)
        return max(1, int(min(left, without_progress, memory)))

    def _make(self, epochs):
        orders = self._next_orders(epochs) if self._shuffle else None
        losses = np.empty(epochs)
        validation_losses = np.empty(epochs) if self._validation else None
        if self._tasks:
            self._tasks.begin_epoch()
        rates = self._next_rates(epochs)
        if self._diverged:
            losses[:] = validation_losses[:] = np.nan
            return self._record(losses, validation_losses)
        finished, ending, error = self._training.run(
            0, losses, validation_losses, None, None, orders, rates
        )
        if self._poisson:
            losses += self._poisson.means(orders, epochs, self._batch_size)
        if finished:
            self._record(losses[:finished], validation_losses)
        if error is not None:
            raise error
        if ending is _core.Ending.divergence:
            if not self._estimator.early_stopping:
                raise ValueError(NOT_FINITE)
            # Better weights were kept: scikit-learn then goes through all epochs, with nan.
            self._diverged = True
            self._estimator._network.parameters[...] = np.nan
            losses[:] = validation_losses[:] = np.nan
            self._record(losses, validation_losses)

    def _record(self, losses, validation_losses):
        """One epoch's, or those of several that nothing else is to be told of."""
        estimator, validation = self._estimator, self._validation
        estimator.n_iter_ += len(losses)
        estimator.t_ += len(losses) * len(self._order)
        estimator.loss_curve_ += list(losses)  # NumPy's numbers, as scikit-learn's are
        estimator.loss_ = estimator.loss_curve_[-1]
        if validation:
            losses_there = validation_losses[: len(losses)] + validation.constant
            estimator.validation_loss_curve_ += list(losses_there)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        if not estimator.early_stopping:
            estimator.best_loss_ = self._count(losses, estimator.best_loss_)
        elif estimator.stopping_criterion == "loss":
            best = estimator.best_validation_loss_
            estimator.best_validation_loss_ = self._count(losses_there, best)
            if estimator.verbose:
                print(f"Validation loss: {estimator.validation_loss_curve_[-1]:f}")
            if estimator.best_validation_loss_ < best:
                estimator._best_coefs = [coef.copy() for coef in estimator.coefs_]
                estimator._best_intercepts = [bias.copy() for bias in estimator.intercepts_]
        else:
            estimator._update_no_improvement_count(
                True, validation.X, validation.labels, validation.sample_weight
            )

    def _count(self, losses, best):
        """The epochs without progress, as scikit-learn counts them; returns the lowest loss."""
        tolerance, without_progress = self._estimator.tol, self._estimator._no_improvement_count
        best = float(best)
        for loss in losses.tolist():
            without_progress = without_progress + 1 if loss > best - tolerance else 0
            best = min(best, loss)
        self._estimator._no_improvement_count = without_progress
        return np.float64(best)

    def _next_orders(self, epochs):
        """(epochs, n_samples): each a shuffle of the one before, as scikit-learn makes them."""
        orders = np.empty((epochs, len(self._order)), np.int64)
        orders[0] = self._order
        generator = bit_generator(self._estimator._random_state)
        with generator.lock:
            _core.shuffles(generator.capsule, orders)
        self._order = orders[-1]
        return orders

    def _next_rates(self, epochs):
        schedule = self._estimator._optimizer.schedule
        if isinstance(schedule, AdamOptimizer):  # how its steps grow is the core's
            return np.full(epochs, schedule.learning_rate_init)
        rates = np.full(epochs, schedule.learning_rate)
        if schedule.lr_schedule == "invscaling":
            for e in range(epochs):
                rates[e] = schedule.learning_rate
                schedule.iteration_ends(self._estimator.t_ + (e + 1) * len(self._order))
        return rates

    def _ended(self):
        """Whether what was last looked at ends the fit."""
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
        if estimator._optimizer.schedule.trigger_stopping(message, estimator.verbose):
            return True
        estimator._no_improvement_count = 0
        return False


class PoissonConstants:
    """What scikit-learn's Poisson loss has beside the core's, in each epoch."""

    def __init__(self, y, sample_weight):
        self._constants = poisson_constants(y)
        self._weights = sample_weight

    def means(self, orders, epochs, batch_size):
        """(epochs,) Of the batches' means, each counted with its number of samples."""
        if self._weights is None:
            return np.full(epochs, self._constants.mean())
        if orders is None:
            orders = np.tile(np.arange(len(self._constants)), (epochs, 1))
        starts = np.arange(0, len(self._constants), batch_size)
        sizes = np.diff(starts, append=len(self._constants))
        weights, weighted = self._weights[orders], (self._weights * self._constants)[orders]
        sums = np.add.reduceat(weights, starts, axis=1)
        means = np.add.reduceat(weighted, starts, axis=1) / np.where(sums > 0, sums, 1)
        return means @ sizes / len(self._constants)


def batch_size(estimator, n_samples):
    """As scikit-learn takes the parameter of that name."""
    if estimator.solver == "rprop":
        return n_samples
    if estimator.batch_size == "auto":
        return min(200, n_samples)
    if estimator.batch_size > n_samples:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            stacklevel=6,
        )
    return int(min(estimator.batch_size, n_samples))
