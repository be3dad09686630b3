"""Sums of blocks by a fixed binary tree over their numbers."""

from __future__ import annotations  # which help() shows as they are written

from collections.abc import Iterable, Mapping
from typing import Self

import numpy as np

from denseloop import _core

Node = tuple[float, np.ndarray | None]  # the number and the array of a sum
Key = tuple[int, int]  # a node's level, and its place there
BLOCK = _core.samples_per_block


class TreeSum:
    """The sums of some blocks of a batch, as nodes of the tree.

    Node (level, k) is the sum of the blocks from k * 2**level on, 2**level of them: of its left and
    its right half, in this order, so that its bits do not depend on who has added which blocks.

    Attributes
    ----------
    nodes : dict of (level, k) to (number, array or None)
    """

    __slots__ = ("nodes",)

    def __init__(self, nodes: Mapping[Key, Node] | Iterable[tuple[Key, Node]] = ()) -> None:
        self.nodes: dict[Key, Node] = dict(nodes)

    @classmethod
    def of_blocks(
        cls,
        first: int,
        count: int,
        numbers: np.ndarray,
        arrays: np.ndarray | None = None,
    ) -> Self:
        """Return the sum of blocks whose nodes are given from left to right, as the core does."""
        keys = nodes_of(first, first + count)
        arrays = [None] * len(numbers) if arrays is None else arrays
        return cls(zip(keys, zip(map(float, numbers), arrays), strict=True))

    @property
    def nbytes(self) -> int:
        """The bytes of the arrays."""
        return sum(array.nbytes for _, array in self.nodes.values() if array is not None)

    def combine(self, other: TreeSum) -> TreeSum:
        """Return the sum of the blocks of both."""
        twice = self.nodes.keys() & other.nodes.keys()
        if twice:
            raise ValueError(f"each block must be in one sum, got {sorted(twice)} in both")
        nodes = {**self.nodes, **other.nodes}
        waiting = list(other.nodes)
        while waiting:
            level, k = key = waiting.pop()
            sibling = (level, k ^ 1)
            if key in nodes and sibling in nodes:
                halves = nodes.pop((level, k & ~1)), nodes.pop((level, k | 1))
                nodes[level + 1, k // 2] = added(*halves)
                waiting.append((level + 1, k // 2))
        return TreeSum(nodes)

    def total(self, count: int) -> Node:
        """Return the number and the array of all `count` blocks of the batch."""
        keys = nodes_of(0, count)
        missing = [key for key in keys if key not in self.nodes]
        if missing or len(keys) != len(self.nodes):
            raise ValueError(
                f"the sum must have the blocks from 0 to {count - 1}, got {self.described()}"
            )
        total = self.nodes[keys[-1]]
        for key in keys[-2::-1]:
            total = added(self.nodes[key], total)
        return total

    def described(self) -> str:
        """Return which blocks there are, in words."""
        spans = [(k << level, (k + 1) << level) for level, k in sorted(self.nodes)]
        return ", ".join(f"{begin} to {end - 1}" for begin, end in sorted(spans)) or "none"


def added(left: Node, right: Node) -> Node:
    """Return the sum of two nodes."""
    array = None if left[1] is None else left[1] + right[1]
    return left[0] + right[0], array


def nodes_of(first: int, end: int) -> list[Key]:
    """Return the nodes that make up the blocks from `first` to before `end`, from left to right."""
    nodes = []
    while first < end:
        level = (end - first).bit_length() - 1
        if first:
            level = min(level, (first & -first).bit_length() - 1)
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def remote_sums(function, n_rows, network, weights):
    """Return what takes the place of a network's samples in the core.

    `function` is as the core's RemoteSums take it, `weights` has the total of each batch.
    """
    kind = _core.RemoteSums64 if network.dtype == np.float64 else _core.RemoteSums32
    return kind(function, n_rows, network.layer_sizes[0], weights)


def require_usable_sum(name, total):
    """Raise a ValueError unless weights of this sum can be used."""
    if not 0 < total < np.inf:
        raise ValueError(f"the sum of {name} must be above 0 and finite, got {total}")


def blocks_of(n_rows):
    """Return how many blocks so many rows of a batch are."""
    return -(-n_rows // BLOCK)


def sum_of_weights(first, weight):
    """Return the TreeSum of weights, whose first one begins block number `first`."""
    with np.errstate(over="ignore"):  # an infinite total is refused
        numbers = [
            np.add.accumulate(weight[k : k + BLOCK], dtype=np.float64)[-1]
            for k in range(0, len(weight), BLOCK)
        ]
    total = TreeSum()
    for block, number in enumerate(numbers, first):
        total = total.combine(TreeSum({(0, block): (float(number), None)}))
    return total
