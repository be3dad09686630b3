"""The result that every contender must reach, from the tests' oracle: plain NumPy in float64."""

from dataclasses import dataclass

import numpy as np

from tests.oracle import Oracle
from tests.oracle.optimizers import Adam

TIMES = 2, 40  # fewest and most epochs or calls
MULTIPLY_ADDS = 10**8  # between those limits, epochs end at this much work
TOLERANCE = {np.dtype(np.float64): 1e-9, np.dtype(np.float32): 5e-3}


@dataclass(frozen=True)
class Reference:
    """The losses of some epochs or calls, and the arrays after them.

    The arrays are the weights and then the biases of all layers, `before` and `after` the updates.
    Without updates they are zeros before, and the gradients after.
    """

    losses: np.ndarray
    before: list[np.ndarray]
    after: list[np.ndarray]
    dtype: np.dtype
    roundings: float  # estimated for a number, between `before` and `after`

    @property
    def times(self):
        return len(self.losses)

    def fault(self, losses, arrays):
        """Return what is wrong with a contender's losses and arrays; None if nothing is.

        The tolerance of an array is relative to how far the updates moved it, so an array that was
        never updated is wrong, however small its updates. It also allows for rounding: once for
        each update, and in a matrix product once for each sample, with either sign.
        """
        tolerance, rounding = TOLERANCE[self.dtype], self.roundings * np.finfo(self.dtype).eps
        losses, arrays = np.asarray(losses), [np.asarray(array) for array in arrays]
        if losses.shape != self.losses.shape:
            return f"losses of shape {losses.shape}, expected {self.losses.shape}"
        if not np.allclose(losses, self.losses, rtol=tolerance, atol=0):
            return f"losses {losses[[0, -1]]}, expected {self.losses[[0, -1]]} (first and last)"
        if len(arrays) != len(self.after):
            return f"{len(arrays)} arrays, expected {len(self.after)}"
        for k, (array, before, after) in enumerate(zip(arrays, self.before, self.after)):
            if array.dtype != self.dtype or array.shape != after.shape:
                given, wanted = f"{array.dtype}{array.shape}", f"{self.dtype}{after.shape}"
                return f"array {k} is {given}, expected {wanted}"
            allowed = tolerance * abs(after - before).max() + rounding * abs(after).max()
            error = abs(array - after).max()
            if not error <= allowed:
                return f"array {k} differs by {error:.2g}, tolerance {allowed:.2g}"
        return None


def reference(case):
    """Return the Reference of a case, computed by the oracle."""
    oracle = Oracle(case.weights, case.biases, case.output_activation, case.activation)
    objective = {"loss": case.loss, "reduction": case.reduction}
    before = [array.copy() for array in oracle.weights + oracle.biases]
    n_arrays = len(case.weights) + len(case.biases)
    if not case.updates:
        loss, *gradients = oracle.loss_and_gradients(case.X, case.y, **objective)
        after = sum(gradients, [])[:n_arrays]
        zeros = [np.zeros_like(array) for array in after]
        return Reference(np.array([loss, loss]), zeros, after, case.dtype, roundings=1)

    batches = case.batches
    optimizer = case.learning_rate if case.optimizer == "descent" else Adam(case.learning_rate)
    fewest, most = TIMES
    losses = np.zeros(max(fewest, min(most, MULTIPLY_ADDS // case.multiply_adds)))
    for epoch in range(len(losses)):
        for batch in batches:
            share = (batch.stop - batch.start) / len(case.X) if case.reduction == "mean" else 1.0
            X, y = case.X[batch].astype(np.float64), case.y[batch].astype(np.float64)
            loss = oracle.train(X, y, optimizer, 1, case.update_order, **objective)
            losses[epoch] += share * loss[0]
    after = (oracle.weights + oracle.biases)[:n_arrays]
    roundings = losses.size * sum(np.sqrt(batch.stop - batch.start) for batch in batches)
    return Reference(losses, before[:n_arrays], after, case.dtype, roundings)
