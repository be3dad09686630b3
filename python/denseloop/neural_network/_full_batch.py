"""The solvers that take all samples to each step: "lbfgs", which is SciPy's, and "lm"."""

import warnings

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from denseloop import _core, _threads
from denseloop.neural_network._epochs import NOT_FINITE
from denseloop.neural_network._network import (
    loss_constant,
    network_loss,
    network_of,
    objective,
    use_views,
)
from denseloop.neural_network._scikit_learn import check_optimize_result
from denseloop.optimizers import LevenbergMarquardt
from denseloop.results import DivergenceWarning, History


def fit_lbfgs(estimator, X, y, sample_weight, tasks):
    """As scikit-learn calls SciPy. Parameters become float64 whatever X is, as there."""
    network = network_of(estimator, np.float64)
    X, y = X.astype(np.float64, copy=False), y.astype(np.float64, copy=False)
    if sample_weight is not None:
        sample_weight = sample_weight.astype(np.float64, copy=False)
    minimized, threads = objective(estimator, network.dtype), _threads.allowed(None)
    constant = loss_constant(estimator, y, sample_weight)

    def loss_and_gradient(parameters):
        network.parameters[...] = parameters
        loss, gradient = _core.loss_and_gradient(
            network._layout,
            network._lock,
            network.parameters,
            X,
            y,
            sample_weight,
            minimized,
            threads,
        )
        return loss + constant, gradient

    def iterated(intermediate_result):
        network.parameters[...] = intermediate_result.x
        use_views(estimator, network)
        tasks.begin_epoch()
        if tasks.end_epoch():
            raise StopIteration

    options = {"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol}
    result = minimize(
        loss_and_gradient,
        network.parameters.copy(),
        method="L-BFGS-B",
        jac=True,
        callback=iterated if tasks else None,
        options=options,
    )
    network.parameters[...] = result.x
    use_views(estimator, network)
    estimator.n_iter_ = check_optimize_result("lbfgs", result, estimator.max_iter)
    estimator.loss_ = np.float64(result.fun)


def fit_lm(estimator, X, y, sample_weight, validation, tasks):
    """By the Levenberg-Marquardt method; its loss is the sum over the outputs."""
    network = estimator._network

    def stepped(progress):
        tasks.begin_epoch()
        return tasks.end_epoch()

    network.history = History(np.empty(0), np.empty(0))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)  # which becomes an error below
            network.train(
                X,
                y,
                optimizer=LevenbergMarquardt(gradient_tolerance=estimator.tol),
                epochs=estimator.max_iter,
                loss=network_loss(estimator),
                reduction="mean",
                l2=estimator.alpha,
                sample_weight=sample_weight,
                eval_set=validation.arrays if validation else None,
                callback=stepped if tasks else None,
            )
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", stacklevel=6)
    history = network.history
    if history.diverged:
        raise ValueError(NOT_FINITE)
    estimator.n_iter_ = len(history.loss)
    estimator.t_ += len(history.loss) * len(X)
    estimator.loss_curve_ += list(history.loss)
    estimator.loss_ = np.float64(loss_of(network, estimator, X, y, sample_weight))
    estimator.best_loss_ = min([estimator.best_loss_, estimator.loss_, *estimator.loss_curve_])
    if validation:
        estimator.validation_loss_curve_ += list(history.validation_loss)
    if history.stopped_by == "epochs":
        warnings.warn(
            f"Levenberg-Marquardt: Maximum iterations ({estimator.max_iter}) reached and the "
            f"optimization hasn't converged yet.",
            ConvergenceWarning,
            stacklevel=6,
        )


def loss_of(network, estimator, X, y, sample_weight):
    """Of the parameters at the end."""
    loss, _ = network.loss_and_gradients(
        X,
        y,
        loss=network_loss(estimator),
        reduction="mean",
        l2=estimator.alpha,
        sample_weight=sample_weight,
    )
    return loss
