"""A file that is not as it must be is refused; the message says what was expected, and where."""

import json
import os
import pickle
from pathlib import Path

import denseloop as dl
import pytest

from tests.fuzz.target import check, parts, with_length
from tests.programs import needs_fifo

FOLDER = Path(__file__).parent / "version_1"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.safetensors"


@pytest.fixture
def small(path):
    """Return the bytes of a small file, which is at `path`."""
    dl.Network([2, 1], seed=1).save(path)
    return path.read_bytes()


def assert_refused(path, data, *texts):
    path.write_bytes(data)
    with pytest.raises(dl.FileError) as caught:
        dl.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    for text in texts:
        assert text in str(caught.value)


def changed(data, change):
    """Return a file whose header was changed, as JSON, by a function."""
    header, numbers = parts(data)
    tree = json.loads(header)
    change(tree)
    return with_length(json.dumps(tree).encode(), numbers)


def with_architecture(data, **fields):
    def change(tree):
        old = json.loads(tree["__metadata__"]["architecture"])
        tree["__metadata__"]["architecture"] = json.dumps(old | fields)

    return changed(data, change)


@pytest.mark.parametrize("name", ["network", "networks", "classifier"])
def test_a_truncated_file_is_refused_at_every_length(name, path):
    if name == "classifier":
        pytest.importorskip("sklearn")
    data = (FOLDER / f"{name}.safetensors").read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(dl.FileError, match="expected 8 bytes|must be at most|within the"):
            dl.load(path)


def test_a_lengthened_file_is_refused(small, path):
    for more in (b"\0", b"\0" * 8, b"{}" * 100):
        assert_refused(path, small + more, "after 24 bytes", f"got {24 + len(more)}", "lengthened")


@pytest.mark.parametrize("name", ["small", "classifier"])
def test_a_flipped_bit_is_refused_or_gives_other_numbers(name, small, path, tmp_path):
    if name == "classifier":
        pytest.importorskip("sklearn")
    data = small if name == "small" else (FOLDER / "classifier.safetensors").read_bytes()
    masks = [1 << bit for bit in range(8)] + [0xFF] if name == "small" else [1, 0x20]
    for place in range(len(data)):
        for mask in masks:
            check(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :], tmp_path)


def test_every_flip_in_the_numbers_changes_them(small, path):
    before, start = dl.load(path).parameters, len(small) - 24
    for place in range(start, len(small)):
        path.write_bytes(small[:place] + bytes([small[place] ^ 1]) + small[place + 1 :])
        assert dl.load(path, allow_nan=True).parameters.tobytes() != before.tobytes()


@pytest.mark.parametrize("length", [2**64 - 1, 2**63, 100_000_001, 5000])
def test_a_huge_header_is_refused(length, small, path):
    data = length.to_bytes(8, "little") + small[8:]
    assert_refused(path, data, "the length of the header, at byte 0, must be at most", str(length))


def test_a_header_beyond_the_limit_of_the_layout_is_refused(path):
    with open(path, "wb") as file:
        file.write((150_000_000).to_bytes(8, "little"))
        file.truncate(200_000_000)  # without disk space
    with pytest.raises(dl.FileError, match="at most 100000000 in a file of 200000000 bytes"):
        dl.load(path)


@pytest.mark.parametrize(
    ("bias", "weight", "text"),
    [
        ([0, 8], [24, 8], "'layers.0.weight' in the header must have data_offsets [begin, end]"),
        ([0, 8], [16, 32], "data_offsets within the 24 bytes of numbers that the file has, got"),
        ([0, 8], [8, 23], "as many bytes as F64 and the shape [2, 1] need, 16, got 15 by the"),
        ([0, 8], [0, 16], "which overlaps it"),
        ([0, 8], [4, 20], "must begin at 8 of the numbers, where 'layers.0.bias' ends, got 4"),
        ([16, 24], [0, 16], None),
        ([8, 16], [0, 16], "must begin at 16 of the numbers, where 'layers.0.weight' ends, got 8"),
        ([4, 12], [12, 28], "within the 24 bytes"),
        ([0, 8], [-8, 8], "two integers of at least 0, got [-8, 8]"),
        ([0, 8], [8, 10**30], "two integers of at least 0"),
        ([0, 8], [8.0, 24], "two integers of at least 0, got [8.0, 24]"),
        ([False, 8], [8, 24], "two integers of at least 0, got [False, 8]"),
        ([0, 8], [8], "two integers of at least 0, got [8]"),
        ([0, 8], "8", "two integers of at least 0, got '8'"),
    ],
)
def test_offsets_that_do_not_fit_are_refused(bias, weight, text, small, path):
    def change(tree):
        tree["layers.0.bias"]["data_offsets"] = bias
        tree["layers.0.weight"]["data_offsets"] = weight

    data = changed(small, change)
    if text is None:  # another order of the arrays
        path.write_bytes(data)
        assert dl.load(path).parameters.shape == (3,)
    else:
        assert_refused(path, data, text)


def test_a_gap_is_refused(small, path):
    def change(tree):
        tree["layers.0.weight"]["data_offsets"] = [16, 32]

    assert_refused(path, changed(small + b"\0" * 8, change), "got 16, which leaves a gap after it")


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ([2, 2], "need, 32, got 16"),
        ([2**62, 2**62, 0], "less than 2**63 bytes"),
        ([1] * 9, "at most 8 integers"),
        ([1, -2], "at most 8 integers"),
        ([2**63], "at most 8 integers"),
        (2, "at most 8 integers of at least 0, got 2"),
        ([1, 2], "'layers.0.weight', at byte"),
        ([2], "must have shape (2, 1) and dtype float64, got (2,) and float64"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(shape, text, small, path):
    def change(tree):
        tree["layers.0.weight"]["shape"] = shape

    assert_refused(path, changed(small, change), text)


@pytest.mark.parametrize("dtype", ["I8", "f64", "", None, ["F64"]])
def test_other_types_of_numbers_are_refused(dtype, small, path):
    def change(tree):
        tree["layers.0.weight"]["dtype"] = dtype

    assert_refused(path, changed(small, change), "a dtype of F64, F32, U64, got")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"[" * 10_000 + b"]" * 10_000, "at most 16 levels of brackets"),
        (b'{"a":' * 10_000 + b"0" + b"}" * 10_000, "at most 16 levels of brackets"),
        (b"", "must be JSON in UTF-8: Expecting value"),
        (b"[]", "must be a JSON object, got a list"),
        (b"{", "must be JSON in UTF-8"),
        (b'{"a":"' + b'\\"' * 50_000, "must be JSON in UTF-8: Unterminated string"),
        (b'{"a":"\xff"}', "must be JSON in UTF-8"),
        (b'{"a":"\\ud800"}', "must be JSON in UTF-8"),
        (b'{"a":NaN}', "must be JSON, which has no NaN"),
        (b'{"a":' + b"9" * 5000 + b"}", "must be JSON in UTF-8"),
        (b'{"a":1,"a":1}', "must have each name once, got 'a' twice"),
        (b'{"__metadata__":{"a":"1","b":"2","a":"3"}}', "got 'a' twice"),
        (b'{"__metadata__":{"a":1}}', "must be an object whose values are texts"),
        (b'{"__metadata__":3}', "must be an object whose values are texts"),
        (b'{"a":3}', "must have dtype, shape and data_offsets, got 3"),
        (b'{"a":{"dtype":"F64","shape":[]}}', "must have dtype, shape and data_offsets"),
        (b"{}", "expected 'denseloop' as `format` in the metadata, got None"),
    ],
)
def test_a_header_that_is_none_is_refused(header, text, path):
    assert_refused(path, with_length(header, b""), text)


def test_a_name_that_occurs_twice_is_refused(small, path):
    header, numbers = parts(small)
    entry = b'"layers.0.bias":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}'
    assert entry in header
    twice = with_length(header.replace(entry, entry + b"," + entry), numbers)
    assert_refused(path, twice, "the header, at bytes 8 to", "got 'layers.0.bias' twice")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"layer_sizes": [2]}, "at least the inputs and the outputs"),
        ({"layer_sizes": [2, 0]}, "layer_sizes[1]"),
        ({"layer_sizes": [2, 10**12]}, "'layers.0.weight', at byte"),
        ({"layer_sizes": [2, 10**30]}, "more than the address space holds"),
        ({"layer_sizes": [2, 1.0]}, "a list of integers"),
        ({"layer_sizes": [2, 1, 1]}, "a list of 2, one for each layer"),
        ({"activations": ["relux"]}, "did you mean 'relu'?"),
        ({"activations": ["softmax"]}, "needs at least 2 outputs"),
        ({"activations": [{"name": "relu", "slope": "0x1p-1"}]}, "must be 'leaky_relu'"),
        ({"activations": [{"name": "leaky_relu", "slope": "0x1p+1"}]}, "below 1"),
        ({"activations": [{"name": "leaky_relu", "slope": 0.5}]}, "slope must be a text"),
        ({"bias": 1}, "architecture.bias must be true or false, got 1"),
        ({"bias": False}, "expected no array 'layers.0.bias', at byte"),
        ({"dtype": "float16"}, "must be float64 or float32"),
        ({"dtype": "float32"}, "and dtype float32, got (2, 1) and float64"),
        ({"seed": 7}, "architecture.seed must be a text, got 7"),
        ({"seed": "-7"}, "an integer of at least 0"),
        ({"seed": "7e3"}, "a text of decimal digits"),
        ({"scaling": "log"}, "null or one of standard, minmax, robust"),
        ({"more": 0}, "must not have the field 'more'"),
    ],
)
def test_an_architecture_that_does_not_fit_is_refused(fields, text, small, path):
    assert_refused(path, with_architecture(small, **fields), text)


@pytest.mark.parametrize("field", ["layer_sizes", "bias", "activations", "dtype", "seed"])
def test_an_architecture_that_lacks_a_field_is_refused(field, small, path):
    def change(tree):
        fields = json.loads(tree["__metadata__"]["architecture"])
        del fields[field]
        tree["__metadata__"]["architecture"] = json.dumps(fields)

    assert_refused(path, changed(small, change), f"architecture must have the field {field!r}")


def test_a_newer_version_is_refused_with_the_remedy(small, path):
    def change(tree):
        tree["__metadata__"] |= {"format_version": "2", "writer": "denseloop 9.1"}

    assert_refused(
        path,
        changed(small, change),
        *("at most 1", "got 2, written by 'denseloop 9.1'", "pip install --upgrade denseloop"),
    )


def test_another_kind_is_refused(small, path):
    def change(tree):
        tree["__metadata__"]["kind"] = "os.system"

    assert_refused(path, changed(small, change), "Network, Networks, MLPClassifier, MLPRegressor")


def test_other_metadata_is_ignored(small, path):
    path.write_bytes(changed(small, lambda tree: tree["__metadata__"].update(author='["[' * 99)))
    assert dl.load(path).layer_sizes == (2, 1)


def test_a_state_of_another_optimizer_is_refused(path):
    def change(tree):
        training = json.loads(tree["__metadata__"]["training"])
        training["optimizer"] = {"class": "GradientDescent", "learning_rate": "0x1p-3"}
        tree["__metadata__"]["training"] = json.dumps(training)

    data = (FOLDER / "network.safetensors").read_bytes()
    assert_refused(path, changed(data, change), "expected no array 'optimizer.slots'")


@needs_fifo
def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(dl.FileError, match="expected a file, got a folder, a device or a pipe"):
            dl.load(name)
    with pytest.raises(FileNotFoundError):
        dl.load(tmp_path / "none")


def test_an_error_reaches_another_process(small, path):
    path.write_bytes(small[:-1])
    with pytest.raises(dl.FileError) as caught:
        dl.load(path)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is dl.FileError and str(again) == str(caught.value)


@pytest.mark.parametrize("name", [",loat32", "f4", "(2)f8", "f8,f8", "__import__('os')"])
def test_a_dtype_is_a_name_and_no_expression(name, small, path):
    """NumPy evaluates some texts that are given as a dtype."""
    assert_refused(path, with_architecture(small, dtype=name), "dtype must be float64 or float32")
