"""Sums over some of the samples, which add up to those of all."""

from __future__ import annotations  # which help() shows as they are written

import numpy as np

from denseloop._sums.terms import Terms
from denseloop._sums.tree import BLOCK, TreeSum, blocks_of, remote_sums, require_usable_sum
from denseloop.parameters import core_layout
from denseloop.results import Gradients

__all__ = ["PartialSum"]

Rows = tuple[np.ndarray, np.ndarray, np.ndarray | None]  # X, y and the weights


class PartialSum:
    """The loss and its gradients over some rows of a larger data set.

    It is made by `Network.partial`, pickled, combined with those of the other rows in any order,
    and in the end has the bits of `Network.loss_and_gradients` over all of them, however they were
    cut. It has the sums of whole blocks of 2048 rows, by a fixed binary tree over their numbers,
    and the rows themselves of the blocks that were cut.

    Examples
    --------
    >>> import numpy as np
    >>> import denseloop as dl
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.random((5000, 3)), rng.random((5000, 1))
    >>> net = dl.Network([3, 4, 1], seed=0)
    >>> parts = [net.partial(X[k : k + 999], y[k : k + 999], first_row=k)
    ...          for k in range(0, 5000, 999)]
    >>> whole = parts[0]
    >>> for part in parts[1:]:
    ...     whole = whole.combine(part)
    >>> loss, gradients = whole.total()
    >>> same_loss, same = net.loss_and_gradients(X, y)
    >>> loss == same_loss, np.array_equal(gradients.flat, same.flat)
    (True, True)
    """

    __slots__ = ("_cut", "_parameters", "_terms", "_tree", "_weights")

    def __init__(
        self,
        terms: Terms,
        parameters: np.ndarray,
        tree: TreeSum,
        weights: TreeSum | None,
        cut: dict[int, dict[int, Rows]],
    ) -> None:
        # `cut`: for each block that is not whole, {first row in the block: (X, y, weight or None)}
        self._terms, self._parameters = terms, parameters
        self._tree, self._weights, self._cut = tree, weights, cut

    @classmethod
    def _of_rows(cls, terms, parameters, X, y, weight, first_row, threads):
        end = first_row + len(X)
        whole = range(blocks_of(first_row), end // BLOCK)
        weights = None if weight is None else TreeSum()
        self = cls(terms, parameters, TreeSum(), weights, {})
        if whole:
            rows = slice(whole.start * BLOCK - first_row, whole.stop * BLOCK - first_row)
            self._add_blocks(whole.start, *_rows_of((X, y, weight), rows), threads)
        for block in {first_row // BLOCK, (end - 1) // BLOCK} - set(whole):
            begin = max(first_row, block * BLOCK)
            rows = slice(begin - first_row, min(end, (block + 1) * BLOCK) - first_row)
            copies = [
                None if part is None else part.copy() for part in _rows_of((X, y, weight), rows)
            ]
            self._cut[block] = {begin - block * BLOCK: tuple(copies)}
        return self

    def combine(self, other: PartialSum) -> PartialSum:
        """Return the sum over the rows of both.

        Blocks of which it then has all rows are computed.

        Parameters
        ----------
        other : PartialSum
            Sum over other rows, for the same parameters and terms.

        Returns
        -------
        PartialSum
            A new one.

        Raises
        ------
        ValueError
            If a row is in both, or the terms or parameters differ.
        TypeError
            If `other` is no PartialSum.
        """
        if not isinstance(other, PartialSum):
            raise TypeError(f"other must be a PartialSum, got {type(other).__name__}")
        same_parameters = self._parameters.tobytes() == other._parameters.tobytes()
        if not (same_parameters and self._terms.match(other._terms)):
            raise ValueError(
                "both sums must be of the same network, parameters, loss and options; take the "
                "partial sums of one state of the network"
            )
        if (self._weights is None) != (other._weights is None):
            raise ValueError("both sums must have a sample_weight, or none")
        spans = sorted([*self._spans(), *other._spans()])
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            if begin < end:
                raise ValueError(f"each row must be in one sum, got row {begin} in both")
        weights = None
        if self._weights is not None and other._weights is not None:
            weights = self._weights.combine(other._weights)
        combined = PartialSum(
            self._terms,
            self._parameters,
            self._tree.combine(other._tree),
            weights,
            {block: dict(parts) for block, parts in self._cut.items()},
        )
        for block, parts in other._cut.items():
            combined._add_parts(block, parts)
        return combined

    def total(self) -> tuple[float, Gradients]:
        """Return what `Network.loss_and_gradients` does over all rows.

        Returns
        -------
        loss : float
        gradients : Gradients

        Raises
        ------
        ValueError
            If rows between the first, number 0, and the last are missing, or the sum of the
            weights is 0.
        """
        spans = self._spans()
        if len(spans) != 1 or spans[0][0] != 0:
            raise ValueError(f"the sum must have all rows from 0 on, got {self!r}")
        n_rows, whole = spans[0][1], self
        if n_rows % BLOCK:
            last = n_rows // BLOCK
            rows = self._cut[last][0]
            if n_rows < BLOCK:
                return self._all(*rows)
            whole = PartialSum(self._terms, self._parameters, self._tree, self._weights, {})
            whole._add_blocks(last, *rows, 1)
        loss, gradient = whole._tree.total(blocks_of(n_rows))
        weights = []
        if whole._weights is not None:
            weights = [whole._weights.total(blocks_of(n_rows))[0]]
            require_usable_sum("sample_weight", weights[0])
        sums = remote_sums(lambda *_: (loss, gradient), n_rows, self._terms, weights)
        objective = self._terms.new_core().objective(sums, None, None, self._terms.objective, 1)
        return self._result(objective.loss_and_gradient(self._parameters, None))

    def _all(self, X, y, weight):
        """Return the total of less than a block, which may be so few rows as have own kernels."""
        if weight is not None:
            require_usable_sum("sample_weight", float(weight.sum()))
        core = self._terms.new_core()
        core.parameters[...] = self._parameters
        return self._result(core.loss_and_gradient(X, y, weight, self._terms.objective, 1))

    def _result(self, loss_and_gradient):
        loss, flat = loss_and_gradient
        terms = self._terms
        layers = core_layout(terms.layer_sizes, terms.bias, terms.activations)[1]
        return loss, Gradients(flat, layers)

    def _add_blocks(self, first, X, y, weight, threads):
        run = self._terms.make(X, y, weight, first, threads)
        self._tree = self._tree.combine(run.evaluate("gradients", self._parameters))
        if weight is not None:
            self._weights = self._weights.combine(run.evaluate("weights", None))

    def _add_parts(self, block, parts):
        """Add rows of a block that is not whole."""
        mine = self._cut.setdefault(block, {})
        joined = []
        for begin, rows in sorted([*mine.items(), *parts.items()], key=lambda part: part[0]):
            end = joined[-1][0] + len(joined[-1][1][0]) if joined else None
            if begin == end:
                joined[-1] = (joined[-1][0], _joined(joined[-1][1], rows))
            else:
                joined.append((begin, rows))
        self._cut[block] = dict(joined)
        begin, rows = joined[0]
        if len(rows[0]) == BLOCK:
            del self._cut[block]
            self._add_blocks(block, *rows, 1)

    def _spans(self):
        """Return the ranges of rows (begin, end), in their order and joined."""
        spans = [
            (BLOCK * (k << level), BLOCK * ((k + 1) << level)) for level, k in self._tree.nodes
        ]
        for block, parts in self._cut.items():
            for begin, rows in parts.items():
                first = block * BLOCK + begin
                spans.append((first, first + len(rows[0])))
        joined = []
        for begin, end in sorted(spans):
            if joined and joined[-1][1] == begin:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((begin, end))
        return joined

    def __repr__(self) -> str:
        rows = ", ".join(f"{begin} to {end - 1}" for begin, end in self._spans())
        return f"<PartialSum of rows {rows or 'none'}>"


def _rows_of(arrays, rows):
    return tuple(None if array is None else array[rows] for array in arrays)


def _joined(first, second):
    return tuple(None if a is None else np.concatenate([a, b]) for a, b in zip(first, second))
