"""The solvers that use all samples in each step: "lbfgs", which is SciPy's, and "lm"."""

import warnings
from itertools import accumulate, count

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from denseloop import _threads
from denseloop._warnings import call_with_warnings, warn
from denseloop.network import Network
from denseloop.neural_network._loss import network_loss, objective
from denseloop.neural_network._network import EstimatorNetwork, use_network
from denseloop.neural_network._scikit_learn import NOT_FINITE, WARNING_MODULE, check_optimize_result
from denseloop.optimizers import LevenbergMarquardt
from denseloop.results import DivergenceWarning, History, TrainingWarning


def fit_lbfgs(estimator, samples, tasks, show):
    """Fit by SciPy's L-BFGS to samples of float64, also if the estimator's are of float32.

    Scikit-learn then computes the losses in float32, with which SciPy's line searches fail early.

    The estimator has the parameters, loss and count of one iteration at any time.
    """
    set_offsets(estimator)
    network = EstimatorNetwork(estimator, np.float64)
    minimized, threads = objective(estimator, network.dtype), _threads.allowed(None)
    constant = samples.loss_constant(estimator)

    function = network.core.objective(*samples.arrays, minimized, threads)
    tried = network.flat.copy()

    def loss_and_gradient(parameters):
        tried[...] = parameters
        loss, gradient = function.loss_and_gradient(tried, None)
        return loss + constant, gradient

    iterations = count(1)

    def finish_iteration(intermediate_result):  # SciPy looks at the argument's name
        finished, loss = next(iterations), np.float64(intermediate_result.fun)
        if show:
            show(finished, loss, None)
        if not tasks:
            return
        after = EstimatorNetwork(estimator, np.float64)  # another, since its arrays are in sight
        after.flat[...] = intermediate_result.x
        use_network(estimator, after, n_iter_=finished, loss_=loss, evals_result_={})
        tasks.begin_epoch()
        if tasks.end_epoch():
            raise StopIteration

    options = {"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol}
    result = minimize(
        loss_and_gradient,
        network.flat.copy(),
        method="L-BFGS-B",
        jac=True,
        callback=finish_iteration if tasks or show else None,
        options=options,
    )
    network.flat[...] = result.x
    loss = np.float64(result.fun)
    use_network(estimator, network, n_iter_=result.nit, loss_=loss, evals_result_={})
    call_with_warnings(WARNING_MODULE, check_optimize_result, "lbfgs", result, estimator.max_iter)


def set_offsets(estimator):
    """Give the estimator the offsets by which scikit-learn unpacks the parameters of "lbfgs"."""
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    ends = list(accumulate(array.size for array in arrays))
    spans, n_layers = list(zip([0, *ends], ends)), len(estimator.coefs_)
    estimator._coef_indptr = [(*span, array.shape) for span, array in zip(spans[:n_layers], arrays)]
    estimator._intercept_indptr = spans[n_layers:]


def fit_lm(estimator, samples, validation, tasks, show):
    """Fit by the Levenberg-Marquardt method; the reported loss is the sum over the outputs."""
    *hidden, output = estimator._network.activations
    network = Network(
        estimator._network.layer_sizes,
        activation=hidden or "sigmoid",
        output_activation=output,
        dtype=estimator._network.dtype,
        weights=estimator.coefs_,
        biases=estimator.intercepts_,
    )
    loss = {
        "loss": network_loss(estimator),
        "reduction": "mean",
        "l2": estimator.alpha,
    }
    evaluation = validation and validation.evaluation

    def finish_step(progress):
        estimator._network.flat[...] = network.parameters
        if show:
            show(progress.epoch, progress.loss, progress.validation_loss)
        if evaluation:
            evaluation.record(progress.epoch - 1)
        if not tasks:
            return False
        tasks.begin_epoch()
        return tasks.end_epoch()

    before = CountsBefore(estimator, evaluation)

    def record():
        if network.history is not None and len(losses := network.history.loss):
            before.add(estimator, network, len(samples), losses[-1])  # samples may be lost now
        before.add(estimator, network, len(samples), np.float64(samples.loss(network, loss)))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)  # becomes an error below
            warnings.simplefilter("ignore", TrainingWarning)  # has remedies for a Network
            optimizer = LevenbergMarquardt(gradient_tolerance=estimator.tol)
            callback = finish_step if tasks or evaluation or show else None
            samples.train(network, optimizer, estimator.max_iter, validation, callback, loss)
        record()
    except KeyboardInterrupt:
        record()
        if estimator._is_member:  # the ensemble's fit ends, too
            raise
        tasks.stopped = True
        warn("Training interrupted by user.", module=WARNING_MODULE)
    except BaseException:  # of a callback, say
        if network.history is not None:
            record()
        raise
    history = network.history
    if history is not None and history.diverged:
        raise ValueError(NOT_FINITE)
    if history is not None and history.stopped_by == "epochs":
        warn(
            f"Levenberg-Marquardt: Maximum iterations ({estimator.max_iter}) reached and the "
            f"optimization hasn't converged yet.",
            ConvergenceWarning,
            WARNING_MODULE,
        )


class CountsBefore:
    """What an estimator has counted before a training, and the Evaluation of this one or None."""

    def __init__(self, estimator, evaluation):
        self._evaluation = evaluation
        counts = vars(estimator)
        self.t = counts.get("t_", 0)
        self.loss_curve = list(counts.get("loss_curve_", ()))  # none after "lbfgs"
        self.validation_loss_curve = list(counts["validation_loss_curve_"])
        best_loss = counts.get("best_loss_")  # None after "lbfgs" or early stopping
        self.best_loss = np.inf if best_loss is None else best_loss

    def add(self, estimator, network, n_samples, loss):
        """Give the estimator the network's parameters, loss and history; again, the same."""
        history = network.history or History(np.empty(0), np.empty(0))
        epochs = len(history.loss)
        validated = () if history.validation_loss is None else history.validation_loss
        estimator._network.flat[...] = network.parameters
        if self._evaluation and epochs:
            self._evaluation.record(epochs - 1)
        vars(estimator).update(
            n_iter_=epochs,
            evals_result_=self._evaluation.curves if self._evaluation else {},
            t_=self.t + epochs * n_samples,
            loss_=loss,
            loss_curve_=[*self.loss_curve, *history.loss],
            best_loss_=min([self.best_loss, loss, *self.loss_curve, *history.loss]),
            validation_loss_curve_=[*self.validation_loss_curve, *validated],
        )
