"""The tutorials' listings in plain NumPy, operation for operation but without their prints.

They are the reference for the fused loop: slow, but easy to verify by eye. Each is a generator that
runs one iteration per step and yields its error (Paperspace's: its prediction and its error), so
that a caller can stop it at any time. `functions` provides sigmoid, error and the others: the NumPy
formulas by default, or the module `denseloop` itself.
"""

from __future__ import annotations  # which help() shows as they are written

import time
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

__all__ = [
    "FORMULAS",
    "classes",
    "hidden_layer",
    "hidden_neurons",
    "one_layer",
    "one_weight",
    "perceptron",
    "run_for",
]


def _sigmoid(x):
    return 1.0 / (1 + np.exp(-1 * x))


def _sigmoid_derivative(x):
    return _sigmoid(x) * (1.0 - _sigmoid(x))


FORMULAS = SimpleNamespace(
    sigmoid=_sigmoid,
    sigmoid_der=_sigmoid_derivative,
    sigmoid_sop_deriv=_sigmoid_derivative,
    activation_sop_deriv=_sigmoid_derivative,
    error=lambda predicted, target: np.power(predicted - target, 2),
    error_predicted_deriv=lambda predicted, target: 2 * (predicted - target),
    sop_w_deriv=lambda x: x,
    update_w=lambda w, grad, learning_rate: w - learning_rate * grad,
)


def run_for(
    seconds: float, steps: Iterator[object], most_iterations: int
) -> tuple[list[object], float]:
    """Run a listing for some time, but at least one iteration.

    Parameters
    ----------
    seconds : float
        Time after which it is stopped.
    steps : iterator
        The listing.
    most_iterations : int
        Number of iterations after which it is stopped, at least 1.

    Returns
    -------
    yielded : list
        What the iterations yielded.
    seconds_per_iteration : float

    Examples
    --------
    >>> from denseloop.tutorials import listings
    >>> steps = listings.one_weight(0.1, 0.3, 0.5, 0.01)
    >>> yielded, _ = listings.run_for(60.0, steps, most_iterations=10)
    >>> len(yielded)
    10
    """
    yielded = []
    start = time.perf_counter()
    while True:
        yielded.append(next(steps))
        elapsed = time.perf_counter() - start
        if elapsed > seconds or len(yielded) >= most_iterations:
            return yielded, elapsed / len(yielded)


def one_weight(
    x: float, target: float, w: float, learning_rate: float, functions: Any = FORMULAS
) -> Iterator[tuple[float, float]]:
    """Run the listing of Paperspace part 1, whose numbers are Python's.

    It evaluates the sigmoid's derivative at the output.
    """
    f = functions
    while True:
        predicted = f.sigmoid(w * x)
        err = f.error(predicted, target)
        by_predicted = f.error_predicted_deriv(predicted, target)
        by_sop = f.activation_sop_deriv(predicted)
        w = f.update_w(w, f.sop_w_deriv(x) * by_sop * by_predicted, learning_rate)
        yield predicted, err


def one_layer(
    x: np.ndarray,
    target: float,
    w: np.ndarray,
    learning_rate: float,
    functions: Any = FORMULAS,
    *,
    derivative_at_output: bool = True,
) -> Iterator[tuple[float, float]]:
    """Run the listings of Paperspace part 2, without a hidden layer.

    `x` and `w` are arrays (inputs,). The first listing evaluates the sigmoid's derivative at the
    output.
    """
    f = functions
    while True:
        sop = np.sum(w * x)
        predicted = f.sigmoid(sop)
        err = f.error(predicted, target)
        by_predicted = f.error_predicted_deriv(predicted, target)
        by_sop = f.activation_sop_deriv(predicted if derivative_at_output else sop)
        w = f.update_w(w, f.sop_w_deriv(x) * by_sop * by_predicted, learning_rate)
        yield predicted, err


def hidden_neurons(
    x: np.ndarray,
    target: np.ndarray,
    hidden: Iterable[np.ndarray],
    output: np.ndarray,
    learning_rate: float,
    functions: Any = FORMULAS,
    *,
    update_in_place: bool = True,
) -> Iterator[tuple[float, np.ndarray]]:
    """Run the listings of Paperspace parts 3 and 4, which update one hidden neuron after another.

    `x` is (inputs,), `target` (1,), `hidden` has an array (inputs,) for each neuron and `output` is
    (neurons,). The listing with ten inputs and those after it update the output weights in place,
    so that the hidden gradients see the new weights under the name of the old ones.
    """
    f = functions
    hidden, output = list(hidden), output.copy()
    output_old = output
    while True:
        sops = [np.sum(w * x) for w in hidden]
        activations = [f.sigmoid(sop) for sop in sops]
        output_sop = np.sum(output * np.array(activations))
        predicted = f.sigmoid(output_sop)
        err = f.error(predicted, target)

        by_predicted = f.error_predicted_deriv(predicted, target)
        by_sop = f.sigmoid_sop_deriv(output_sop)
        by_weight = np.zeros(output.shape[0])
        for k in range(len(hidden)):
            by_weight[k] = f.sop_w_deriv(activations[k])
        grad = by_weight * by_sop * by_predicted
        if update_in_place:
            for k in range(len(hidden)):
                output[k] = f.update_w(output[k], grad[k], learning_rate)
        else:
            output = f.update_w(output, grad, learning_rate)

        for k in range(len(hidden)):
            by_activation = f.sop_w_deriv(output_old[k])
            by_hidden_sop = f.sigmoid_sop_deriv(sops[k])
            by_weight = np.zeros(hidden[k].shape[0])
            by_weight = f.sop_w_deriv(x)
            grad = by_weight * by_hidden_sop * by_activation * by_sop * by_predicted
            hidden[k] = f.update_w(hidden[k], grad, learning_rate)
        output_old = output
        yield predicted, err


def perceptron(
    X: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    learning_rate: float,
    functions: Any = FORMULAS,
) -> Iterator[float]:
    """Run the perceptron of Stack Abuse parts 1 and 2.

    It evaluates the sigmoid's derivative at the output and updates the bias sample by sample.
    """
    f = functions
    weights, bias = weights.copy(), bias.copy()
    while True:
        a = f.sigmoid(np.dot(X, weights) + bias)
        error_out = (1 / 2) * np.power(a - y, 2)
        delta = (a - y) * f.sigmoid_der(a)
        weights -= learning_rate * np.dot(X.T, delta)
        for sample_delta in delta:
            bias -= learning_rate * sample_delta
        yield error_out.sum()


def hidden_layer(
    X: np.ndarray,
    y: np.ndarray,
    hidden: np.ndarray,
    output: np.ndarray,
    learning_rate: float,
    functions: Any = FORMULAS,
) -> Iterator[float]:
    """Run the hidden layer of Stack Abuse part 2, which has no biases."""
    f = functions
    hidden, output = hidden.copy(), output.copy()
    while True:
        z_hidden = np.dot(X, hidden)
        a_hidden = f.sigmoid(z_hidden)
        z_output = np.dot(a_hidden, output)
        a_output = f.sigmoid(z_output)
        error_out = (1 / 2) * np.power(a_output - y, 2)

        by_a_output = a_output - y
        by_output_sop = f.sigmoid_der(z_output)
        output_grad = np.dot(a_hidden.T, by_a_output * by_output_sop)

        by_z_output = by_a_output * by_output_sop
        by_a_hidden = np.dot(by_z_output, output.T)
        by_hidden_sop = f.sigmoid_der(z_hidden)
        hidden_grad = np.dot(X.T, by_hidden_sop * by_a_hidden)

        hidden -= learning_rate * hidden_grad
        output -= learning_rate * output_grad
        yield error_out.sum()


def classes(
    X: np.ndarray,
    y: np.ndarray,
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    learning_rate: float,
    functions: Any = FORMULAS,
) -> Iterator[float]:
    """Run Stack Abuse part 3: a softmax output with its cross-entropy, for one-hot `y`."""
    f = functions
    (hidden, output), (hidden_bias, output_bias) = (
        [array.copy() for array in arrays] for arrays in (weights, biases)
    )
    while True:
        z_hidden = np.dot(X, hidden) + hidden_bias
        a_hidden = f.sigmoid(z_hidden)
        exponentials = np.exp(np.dot(a_hidden, output) + output_bias)
        a_output = exponentials / exponentials.sum(axis=1, keepdims=True)
        loss = np.sum(-y * np.log(a_output))

        by_z_output = a_output - y
        output_grad = np.dot(a_hidden.T, by_z_output)
        by_z_hidden = f.sigmoid_der(z_hidden) * np.dot(by_z_output, output.T)
        hidden_grad = np.dot(X.T, by_z_hidden)

        hidden -= learning_rate * hidden_grad
        hidden_bias -= learning_rate * by_z_hidden.sum(axis=0)
        output -= learning_rate * output_grad
        output_bias -= learning_rate * by_z_output.sum(axis=0)
        yield loss
