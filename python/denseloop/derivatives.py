"""What a network can be differentiated by, and its loss with the gradients."""

from __future__ import annotations  # which help() shows as they are written

import sys
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from denseloop import _checks, _core, _threads
from denseloop._core_terms import CALLER_LOSS
from denseloop._sums.terms import Terms
from denseloop._training.objective import make_objective
from denseloop._training.samples import read_inputs
from denseloop.losses import DerivativeAt, Loss, Reduction
from denseloop.model import Model
from denseloop.objective import Objective, check_objective, require_determined
from denseloop.partial import PartialSum
from denseloop.results import Gradients

if TYPE_CHECKING:
    from denseloop._types import MatrixLike

__all__ = ["DifferentiableModel"]

Variables = Literal["inputs", "parameters"]


class DifferentiableModel(Model):
    """The part of a `Network` that computes derivatives."""

    def jacobian(
        self, X: MatrixLike, *, by: Variables = "inputs", num_threads: int | None = None
    ) -> np.ndarray:
        """Return the derivatives of the outputs for `X`, sample by sample.

        They are computed by backward passes, one for each output.

        Parameters
        ----------
        X, num_threads
            As for `forward`, which also raises the same exceptions.
        by : {"inputs", "parameters"}, default "inputs"
            What the outputs are differentiated by; the parameters in the order of `parameters`.

        Returns
        -------
        ndarray, shape (n_samples, n_outputs, n_inputs) or (n_samples, n_outputs, n_parameters)

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 1], output_activation="identity", weights=[[[1.0], [-1.0]]])
        >>> net.jacobian([[3.0, 3.0]])
        array([[[ 1., -1.]]])
        >>> net.jacobian([[3.0, 4.0]], by="parameters")
        array([[[3., 4., 1.]]])
        """
        return self.value_and_jacobian(X, by=by, num_threads=num_threads)[1]

    def value_and_jacobian(
        self, X: MatrixLike, *, by: Variables = "inputs", num_threads: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs for `X`, and their derivatives.

        Parameters
        ----------
        X, by, num_threads
            As for `jacobian`.

        Returns
        -------
        value : ndarray, shape (n_samples, n_outputs)
            The bits of `forward`.
        jacobian : ndarray, shape (n_samples, n_outputs, n_inputs) or (..., n_parameters)
            As `jacobian` returns it.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([2, 1], output_activation="identity", weights=[[[1.0], [-1.0]]])
        >>> net.value_and_jacobian([[3.0, 2.0]])
        (array([[1.]]), array([[[ 1., -1.]]]))
        """
        variables = _checks.choice("by", by, _core.Variables.__members__)
        threads = _threads.allowed(num_threads)
        scaling = self.scaling
        X = read_inputs(self, X, scaling)
        value, jacobian = self._parameters.core.differentiate(X, variables, threads)
        if scaling is None:
            return value, jacobian
        by_inputs = variables is _core.Variables.inputs
        return (
            scaling.restore_outputs(value),
            scaling.restore_derivatives(jacobian, by_inputs=by_inputs),
        )

    def backward(
        self, X: MatrixLike, d_outputs: ArrayLike, *, num_threads: int | None = None
    ) -> Gradients:
        """Return the derivatives of any function of the outputs by all parameters.

        They are ``sum(d_outputs[i, j] * jacobian[i, j])`` over the samples i and outputs j, for
        the ``jacobian(X, by="parameters")``, which is not computed: one backward pass does.

        Parameters
        ----------
        X : array_like or sparse matrix, shape (n_samples, n_inputs)
            Finite real numbers.
        d_outputs : array_like, shape (n_samples, n_outputs), or (n_samples,) for one output
            The function's derivatives by the outputs ``forward(X)``.
        num_threads : int, optional
            As for `train`.

        Returns
        -------
        Gradients
            New arrays, in the layout of `weights` and `biases`.

        Raises
        ------
        ValueError, TypeError
            If an array is not as described.

        Examples
        --------
        The function sum(exp(outputs)), whose derivatives are exp(outputs):

        >>> import numpy as np
        >>> import denseloop as dl
        >>> net = dl.Network([2, 1], output_activation="identity", weights=[[[1.0], [-1.0]]])
        >>> X = [[3.0, 3.0], [2.0, 2.0]]
        >>> net.backward(X, np.exp(net.forward(X))).weights[0]
        array([[5.],
               [5.]])
        """
        names, scaling = ("X", "d_outputs"), self.scaling
        if scaling is None:
            X, d_outputs = _checks.samples_and_targets(self, X, d_outputs, names)
            _checks.require_finite("d_outputs", d_outputs)
        else:
            _, d_outputs = _checks.samples_and_targets(self, X, d_outputs, names, np.float64)
            _checks.require_finite("d_outputs", d_outputs)
            d_outputs = scaling.scale_derivatives(d_outputs).astype(self.dtype, copy=False)
            X = read_inputs(self, X, scaling)
        objective = make_objective(
            self.activations, self.dtype, CALLER_LOSS, "sum", "pre_activation", 0.0
        )
        shared = self._parameters.core.shares_batches(len(X))
        threads = _threads.allowed(num_threads, shared)
        _, flat = self._parameters.core.loss_and_gradient(X, d_outputs, None, objective, threads)
        return Gradients(flat, self._parameters.layers)

    def loss_and_gradients(
        self,
        X: MatrixLike,
        y: ArrayLike,
        *,
        loss: Loss = "half_squared_error",
        reduction: Reduction = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: DerivativeAt = "pre_activation",
        num_threads: int | None = None,
    ) -> tuple[float, Gradients]:
        """Return the loss over some samples and its derivatives by all parameters.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
            As for `train`, which also raises the same exceptions.

        Returns
        -------
        loss : float
        gradients : Gradients
            New arrays, in the layout of `weights` and `biases`.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> loss, gradients = net.loss_and_gradients([[2.0]], [[1.0]])
        >>> loss, gradients.weights[0], gradients.biases[0]
        (0.125, array([[-0.25]]), array([-0.125]))
        """
        arguments = check_objective(
            self, X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
        )
        value, flat = self._parameters.core.loss_and_gradient(*arguments)
        return value, Gradients(flat, self._parameters.layers)

    def partial(
        self,
        X: MatrixLike,
        y: ArrayLike,
        *,
        first_row: int = 0,
        loss: Loss = "half_squared_error",
        reduction: Reduction = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: DerivativeAt = "pre_activation",
        num_threads: int | None = None,
    ) -> PartialSum:
        """Return the loss and its gradients over some rows of a larger data set.

        Those of all rows, wherever they were computed, combine to the bits of
        `loss_and_gradients`.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
            As for `loss_and_gradients`, of these rows; dense, and with no function as loss.
        first_row : int, default 0
            Number of the first of these rows in the whole data set, at least 0.

        Returns
        -------
        PartialSum
            Sum that can be pickled, with ``combine(other)`` and ``total()``.

        Raises
        ------
        ValueError, TypeError
            If an argument is not as described.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> first = net.partial([[2.0]], [[1.0]])
        >>> second = net.partial([[3.0]], [[0.0]], first_row=1)
        >>> loss, gradients = second.combine(first).total()
        >>> loss, gradients.flat
        (0.25, array([0.125, 0.   ]))
        """
        first_row = _checks.whole_number("first_row", first_row, 0)
        if first_row > sys.maxsize:
            raise ValueError(f"first_row must be at most {sys.maxsize}, got {first_row}")
        terms = Terms.of(self, loss, reduction, derivative_at, l2)
        X, y, weight = terms.read(X, y, sample_weight)
        if not len(X):
            raise ValueError("X and y must have at least 1 row, got 0")
        threads = _threads.allowed(num_threads, self._parameters.core.shares_batches(len(X)))
        parameters = self._parameters.core.copied_state()[0]
        return PartialSum._of_rows(terms, parameters, X, y, weight, first_row, threads)

    @_checks.with_hints
    def objective(
        self,
        X: MatrixLike,
        y: ArrayLike,
        *,
        loss: Loss = "half_squared_error",
        reduction: Reduction = "sum",
        l2: float = 0.0,
        sample_weight: ArrayLike | None = None,
        derivative_at: DerivativeAt = "pre_activation",
        num_threads: int | None = None,
    ) -> Objective:
        """Prepare the loss over some samples as a function of the parameters.

        Minimizers, samplers and other programs that ask for it again and again get it without
        checking and packing the samples each time.

        Parameters
        ----------
        X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
            As for `train`, which also raises the same exceptions. Nobody may write to the samples
            while the objective is in use.

        Returns
        -------
        Objective
            Function of an array (n_parameters,) that returns the loss and its gradient.

        Examples
        --------
        >>> import denseloop as dl
        >>> net = dl.Network([1, 1], weights=[[[0.0]]])
        >>> f = net.objective([[2.0]], [[1.0]])
        >>> f(net.parameters)
        (0.125, array([-0.25 , -0.125]))
        >>> f.loss(net.parameters)
        0.125
        """
        require_determined(self.scaling)
        arguments = check_objective(
            self, X, y, loss, reduction, l2, sample_weight, derivative_at, num_threads
        )
        return Objective(self, self._parameters.core.objective(*arguments), arguments[1])
