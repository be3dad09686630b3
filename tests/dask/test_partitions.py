"""Arrays, DataFrames and Series become lazy parts in step."""

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from denseloop._dask.partitions import read_parts

FRAME = pd.DataFrame({"a": range(10), "b": range(10), "y": range(0, 20, 2), "w": range(0, 30, 3)})
NUMBERS = da.arange(10, chunks=((4, 3, 3),))
X = da.stack([NUMBERS, NUMBERS], axis=1)


def computed(parts):
    return dask.compute(*parts.triples, scheduler="sync")


def check(parts, lengths):
    """Check that y is twice and the weight three times the number of each row."""
    triples = computed(parts)
    assert [len(x) for x, _, _ in triples] == lengths
    numbers = np.concatenate([np.asarray(x)[:, 0] for x, _, _ in triples])
    np.testing.assert_array_equal(numbers, np.arange(10))
    for x, y, weight in triples:
        np.testing.assert_array_equal(np.asarray(y).ravel(), 2 * np.asarray(x)[:, 0])
        np.testing.assert_array_equal(weight, 3 * np.asarray(x)[:, 0])


def test_known_chunks_are_made_those_of_x():
    y, weight = (2 * NUMBERS).rechunk(3), (3 * NUMBERS).rechunk(10)
    check(read_parts(X.rechunk({1: 1}), y[:, None], weight), [4, 3, 3])


def test_frames_and_series():
    frame = dd.from_pandas(FRAME, npartitions=3)
    check(read_parts(frame[["a", "b"]], frame["y"], frame["w"]), [4, 3, 3])
    check(read_parts(frame[["a"]], frame[["y"]], frame["w"]), [4, 3, 3])


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of Dask's own
def test_parquet(tmp_path):
    dd.from_pandas(FRAME, npartitions=3).to_parquet(tmp_path)
    frame = dd.read_parquet(tmp_path)
    check(read_parts(frame[["a", "b"]], frame["y"], frame["w"]), [4, 3, 3])
    check(read_parts(frame[["a"]] + 0, frame["y"], 3 * frame["a"]), [4, 3, 3])


def test_unknown_lengths():
    frame = dd.from_pandas(FRAME, npartitions=3)
    unknown = frame[["a", "b"]].values
    assert np.isnan(unknown.chunks[0]).all()
    check(read_parts(unknown, frame["y"], frame["w"].values), [4, 3, 3])
    check(read_parts(unknown, 2 * NUMBERS, 3 * NUMBERS), [4, 3, 3])
    check(read_parts(X, frame["y"], frame["w"]), [4, 3, 3])


def test_what_is_not_given_is_none():
    assert [triple[1:] for triple in computed(read_parts(X))] == [(None, None)] * 3


@pytest.mark.parametrize("name", ["y", "sample_weight"])
def test_different_partitions_of_unknown_lengths_are_refused(name):
    other = dd.from_pandas(FRAME, npartitions=5)["y"]
    message = f"{name} must have the partitions of X, got 5 for 3 of .*compute_chunk_sizes"
    with pytest.raises(ValueError, match=message):
        read_parts(X, **{name: other})


def test_different_known_lengths_are_refused():
    with pytest.raises(ValueError, match=r"Number of rows of y \(9\) must match .* of X \(10\)"):
        read_parts(X, NUMBERS[:9])


@pytest.mark.parametrize("value", [np.ones((4, 2)), FRAME, [[1, 2]], FRAME["a"]])
def test_collections_of_others_are_refused(value):
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"X must be a Dask .* {kind}; dask.array.from_array .*"):
        read_parts(value, NUMBERS)
    with pytest.raises(TypeError, match="y must be a Dask .*from_pandas"):
        read_parts(X, value)


def test_other_collections_of_dask_are_refused():
    with pytest.raises(TypeError, match="must be a Dask array, DataFrame or Series, got dask's "):
        read_parts(dask.delayed(1), NUMBERS)


def test_x_of_one_axis_is_refused():
    with pytest.raises(ValueError, match=r"X must have shape \(n_samples, n_inputs\)"):
        read_parts(NUMBERS, NUMBERS)
