"""Headers have the bits of `forward` and `jacobian`, whoever compiles them."""

from itertools import product

import denseloop as dl
import numpy as np
import pytest

from tests.c_export.compilers import CHIPS, NATIVE, Program, run_on_chip

RANDOM = np.random.default_rng(0)
ROWS = 200
HIDDEN = ["sigmoid", "tanh", "relu", dl.LeakyReLU(0.07), "identity", "gelu"]
CASES = [
    *(([5, 7, 3], activation, "identity") for activation in HIDDEN),
    *(([4, 6, 3], "tanh", output) for output in [*HIDDEN, "softmax", "exp"]),
    ([3, 2], [], "sigmoid"),
    ([10, 2, 1], "sigmoid", "sigmoid"),
    ([3, 5, 6, 4, 2], "gelu", "softmax"),
]
DTYPES = ["float64", "float32"]


def networks():
    """Return networks of all kinds, with large parameters that reach far into the tails."""
    for k, (dtype, (sizes, hidden, output)) in enumerate(product(DTYPES, CASES)):
        options = {"activation": hidden} if len(sizes) > 2 else {}
        network = dl.Network(
            sizes, output_activation=output, dtype=dtype, bias=k % 3 > 0, seed=k, **options
        )
        network.parameters[...] += 2 * RANDOM.standard_normal(network.parameters.size)
        yield network


def inputs(n_inputs):
    """Return rows from small to such that saturate every activation, or overflow exp."""
    scales = RANDOM.choice([1e-3, 1, 10, 300], (ROWS, 1))
    rows = scales * RANDOM.standard_normal((ROWS, n_inputs))
    return np.concatenate([np.zeros((1, n_inputs)), rows])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("headers")
    found = list(networks())
    for k, network in enumerate(found):
        network.to_c(folder / f"n{k}.h", f"n{k}", derivative=True)
    headers = [(f"n{k}", network.dtype.name) for k, network in enumerate(found)]
    rows = [inputs(network.layer_sizes[0]).astype(network.dtype) for network in found]
    return found, rows, Program(folder, headers, derivative=True)


def same_bits(a, b):
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def check(found, rows, program):
    assert program.selftest() == 0
    for k, (network, X) in enumerate(zip(found, rows)):
        assert same_bits(program.predict(k, X), network.forward(X)), network
        derivatives = network.jacobian(X).reshape(len(X), -1)
        assert same_bits(program.predict(k, X, derivative=True), derivatives), network


@pytest.mark.parametrize("command", NATIVE)
def test_every_compiler_makes_the_same_bits(command, exported):
    exported[-1].build(command)
    check(*exported)


@pytest.mark.parametrize("command", ["gcc -std=c99 -O2", "clang -std=gnu11 -O3 -march=native"])
def test_so_does_the_multiply_add_by_integers(command, exported):
    found, _, program = exported
    program.build(command, *(f"-DN{k}_EMULATED_FMA" for k in range(len(found))))
    check(*exported)


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_sum_is_rounded_once_on_microcontrollers(dtype, chip, level, tmp_path):
    """Their library's fma rounds twice, and -ffreestanding or -O0 would call it."""
    network = dl.Network([1, 1], output_activation="identity", dtype=dtype, seed=0)
    network.to_c(tmp_path / "once.h", "once")
    assert run_on_chip(tmp_path, ["once"], chip, level) == "0\n"
    if (dtype, chip) == ("float64", "cortex-m7"):
        return  # its library has the instruction
    text = (tmp_path / "once.h").read_text()
    broken = text.replace("#if defined(ONCE_EMULATED_FMA)", "#if 0").replace(
        "#elif defined(ONCE_HAS_FMA)", "#elif 0"
    )
    assert broken != text
    (tmp_path / "once.h").write_text(broken)
    assert run_on_chip(tmp_path, ["once"], chip, level) == "wrong\n"


@pytest.mark.parametrize("level", ["-O0", "-O2", "-Os"])
@pytest.mark.parametrize("chip", CHIPS)
def test_so_do_microcontrollers(chip, level, exported):
    found, _, program = exported
    names = [f"n{k}" for k in range(len(found))]
    assert run_on_chip(program.folder, names, chip, level) == "0\n"


def test_a_wrong_parameter_fails_the_selftest(tmp_path):
    network = dl.Network([3, 2], seed=0)
    network.to_c(tmp_path / "wrong.h", "wrong")
    text = (tmp_path / "wrong.h").read_text()
    first = float(network.parameters[0]).hex()
    assert text.count(first) == 1
    changed = np.nextafter(network.parameters[0], 1).hex()
    (tmp_path / "wrong.h").write_text(text.replace(first, changed))
    program = Program(tmp_path, [("wrong", "float64")])
    program.build("gcc -std=c99 -O2")
    assert program.selftest() == 1


def test_a_scaled_network_and_many_networks(tmp_path):
    X = 5 + RANDOM.standard_normal((50, 3)) * [1, 100, 1e-3]
    found = []
    for dtype, method in zip(DTYPES, ["standard", "minmax"]):
        scaled = dl.Network(
            [3, 5, 2], output_activation="identity", scaling=method, dtype=dtype, seed=0
        )
        scaled.train(X, 7 * X[:, :2], optimizer="adam", epochs=3)
        scaled.to_c(tmp_path / f"scaled_{dtype}.h", f"scaled_{dtype}", derivative=True)
        inputs = X.astype(dtype)
        derivatives = scaled.jacobian(inputs).reshape(len(X), -1)
        found.append((f"scaled_{dtype}", inputs, scaled.forward(inputs), derivatives))
        stack = dl.Networks([3, 4, 2], count=5, output_activation="gelu", dtype=dtype, seed=1)
        stack.to_c(tmp_path / f"all_{dtype}.h", f"all_{dtype}", derivative=True)
        each = [network.forward(inputs) for network in stack]
        derivatives = [network.jacobian(inputs).reshape(len(X), -1) for network in stack]
        found.append((f"all_{dtype}", inputs, np.hstack(each), np.hstack(derivatives)))
    program = Program(tmp_path, [(name, X.dtype.name) for name, X, *_ in found], derivative=True)
    program.build("g++ -std=c++17 -O3 -march=native")
    assert program.selftest() == 0
    for k, (_, X, outputs, derivatives) in enumerate(found):
        assert same_bits(program.predict(k, X), outputs)
        assert same_bits(program.predict(k, X, derivative=True), derivatives)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_mean_of_networks_adds_them_in_their_order(dtype, tmp_path):
    stack = dl.Networks([3, 4, 2], count=7, output_activation="gelu", dtype=dtype, seed=1)
    stack.to_c(tmp_path / "mean.h", "mean", average=True)
    X = RANDOM.standard_normal((50, 3)).astype(dtype)
    total = np.zeros((50, 2), dtype)
    for network in stack:
        total += network.forward(X)
    program = Program(tmp_path, [("mean", dtype)])
    program.build("gcc -std=gnu11 -O3 -march=native")
    assert same_bits(program.predict(0, X), total / np.dtype(dtype).type(7))
