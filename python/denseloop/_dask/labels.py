"""The labels of all partitions: their classes, and the weights of the classes."""

from collections import Counter

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_array

from denseloop._dask import rows
from denseloop._dask.loading import accepted_workers
from denseloop._dask.partitions import delayed_parts, require_collection, whole_rows
from denseloop._dask.waiting import WorkersLeft, finished, release, run, watched
from denseloop.neural_network._labels import check_class_weights

REPEATED = 4  # rows of each label in a sample of them, so that few of many are no regression


class FoundLabels:
    """The distinct labels of all partitions, and how many rows have each.

    Attributes
    ----------
    n_rows : int
        Number of rows, or for several columns that of all their values.
    """

    def __init__(self, client, y):
        require_collection("y", y)
        self._parts = run(client, gathered(client, y))
        self._columns = y.shape[1] if y.ndim == 2 else None
        self.n_rows = int(sum(counts.sum() for _, counts in self._parts))

    def sample(self):
        """Return some y with all the labels, and the shape of y but for the number of rows."""
        labels = joined([labels for labels, _ in self._parts])
        labels = np.resize(labels, min(REPEATED * len(labels), self.n_rows))
        if self._columns is None:
            return labels
        return np.repeat(labels[:, None], self._columns, axis=1)

    def class_weight(self, estimator):
        """Return the weights of a local classifier's `classes_` (n_classes,), or None."""
        given, classes = estimator.class_weight, estimator.classes_
        if given is None:
            return None
        if estimator._label_binarizer.y_type_ == "multilabel-indicator":
            raise ValueError(
                f"class_weight must be None where a sample may have several labels, got {given!r}; "
                f"give their weights as sample_weight"
            )
        if isinstance(given, list):
            check_class_weights(given, classes)
        if given != "balanced":
            return compute_class_weight(given, classes=classes, y=classes)
        counts = np.zeros(len(classes))
        for labels, of_part in self._parts:
            np.add.at(counts, np.searchsorted(classes, labels), of_part)
        return counts.sum() / (len(classes) * counts)


async def gathered(client, y):
    """Return the labels and counts of all partitions."""
    parts = delayed_parts(whole_rows(y))
    while True:
        workers, made = await accepted_workers(client, rows.versions()), []
        try:
            return await watched(client, gathered_on(client, parts, made), workers)
        except WorkersLeft:
            pass
        finally:
            release(made)


async def gathered_on(client, parts, made):
    """Do so on the present workers, and append all futures to `made`."""
    made += client.compute(parts)
    futures = client.map(labels_of_part, made, pure=False)
    made += futures
    await finished(client, futures)
    return await client.gather(futures, asynchronous=True)


def labels_of_part(y):
    """Return the distinct labels of a partition, and how many values are each."""
    y = check_array(
        *(y, "csr"), ensure_2d=False, dtype=None, ensure_all_finite=False, ensure_min_samples=0
    )
    if y.dtype == object:  # which may not be ordered
        counted = Counter(y.ravel().tolist())
        labels = np.empty(len(counted), object)
        labels[:] = list(counted)
        return labels, np.array(list(counted.values()), int)
    labels, counts = np.unique(y, return_counts=True)
    if labels.dtype.kind == "f" and len(odd := np.flatnonzero(labels != np.trunc(labels))):
        labels, counts = labels[odd[[0, -1]]], counts[odd[[0, -1]]]  # enough to be refused
    return labels, counts


def joined(arrays):
    """Return the labels of all arrays; texts and numbers stay what they are."""
    kinds = {array.dtype.kind for array in arrays if len(array)}
    if len(kinds) < 2 or kinds <= set("biuf"):
        return np.concatenate([array for array in arrays if len(array)] or arrays[:1])
    labels = [label for array in arrays for label in array.tolist()]
    array = np.empty(len(labels), object)
    array[:] = labels
    return array
