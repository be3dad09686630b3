"""One row through a network that has left Python: our C header, emlearn's C, ONNX Runtime.

The C is compiled with the same flags into a library, whose loop makes each call wait for the one
before. ONNX Runtime is called from Python, as `Network.forward` is.
"""

import contextlib
import ctypes
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import denseloop
import numpy as np

from bench.harness.calls import import_if_installed, repeat
from bench.harness.measure import time_interleaved, times_per_turn
from bench.harness.names import REFERENCE

FLAGS = {"avx512": ["-march=native"], "avx2": ["-mavx2", "-mfma"]}
COMPILERS = "gcc", "clang"
OUR_TOLERANCE, TOLERANCE = 0.0, 1e-4  # of the outputs, relative to the largest one
# Layers, hidden and output activation.
CASES = {
    "10-2-1": ([10, 2, 1], "sigmoid", "sigmoid"),
    "16-16": ([16, 16], [], "relu"),
    "32-32": ([32, 32], [], "relu"),
    "10-8-3": ([10, 8, 3], "relu", "softmax"),
    "30-30-1": ([30, 30, 1], "relu", "sigmoid"),
    "64-100-10": ([64, 100, 10], "relu", "softmax"),
}
LOOP = """
{include}
void run({real} *x, {real} *y, long times) {{
    for (; times > 0; --times) {{
        {call};
        x[0] = x[0] + {zero} * y[0];
    }}
}}
"""


def measurements(job):
    if job.threads != 1:
        return []
    return [
        (f"1 × {case}, {dtype}", partial(measure_case, case, dtype, job))
        for dtype in job.dtypes
        for case in CASES
        if job.has_case(case)
    ]


def measure_case(case, dtype, job):
    sizes, hidden, output = CASES[case]
    options = {"activation": hidden} if hidden else {}
    network = denseloop.Network(sizes, output_activation=output, dtype=dtype, seed=0, **options)
    x = np.random.default_rng(0).standard_normal(sizes[0]).astype(dtype)
    with tempfile.TemporaryDirectory() as folder:
        found = contenders(network, x, Path(folder), job)
        peers = measure(found, network.forward(x[None])[0], job)
    description = {"case": f"1 × {case}", "repeated": "call", "dtype": dtype, "threads": 1}
    return description | {"peers": peers}


def measure(found, expected, job):
    """Return the contenders' entries; each has a function that runs so many times, its outputs."""
    peers, timed = {}, {}
    for name, (run, outputs) in found.items():
        tolerance = OUR_TOLERANCE if name.startswith(REFERENCE) else TOLERANCE
        error = np.max(abs(outputs - expected)) / np.max(abs(expected))
        peers[name] = {"faults": {}, "trials": {}}
        if not error <= tolerance:
            peers[name]["faults"][""] = f"outputs differ by {error:.2g}"
            continue
        times = times_per_turn(run, job.turn)
        peers[name] |= {"variant": "", "warm_up": 0.0, "times": times}
        timed[name] = run, times
    for name, seconds in time_interleaved(timed, job).items():
        peers[name]["seconds"] = seconds
    return peers


def contenders(network, x, folder, job):
    """Return what is compared: REFERENCE is our header, compiled by the first compiler."""
    network.to_c(folder / "model.h")
    include, call = '#include "model.h"', "model_predict(x, y)"
    installed = [name for name in COMPILERS if shutil.which(name)]
    names = [REFERENCE, *(f"{REFERENCE}, {name}" for name in installed[1:])]
    found = {}
    for name, compiler in zip(names, installed):
        found[name] = library(compiler, include, call, network, x, folder, job)
    suits_emlearn = network.dtype == np.float32 and len(network.layer_sizes) > 2
    if suits_emlearn and job.has_peer("emlearn") and (emlearn := import_if_installed("emlearn")):
        with contextlib.chdir(folder):  # where it leaves a folder
            converted = emlearn.convert(as_perceptron(network), method="inline", dtype="float")
            converted.save(file="emlearn_model.h", name="other")
        include = '#define EML_ERROR_STR(x) ""\n#include "emlearn_model.h"'
        sizes = network.layer_sizes
        call = f"other_regress(x, {sizes[0]}, y, {sizes[-1]})"
        more = [f"-I{emlearn.includedir}"]
        found["emlearn"] = library("gcc", include, call, network, x, folder, job, more)
    found[f"{REFERENCE}, Python"] = in_python(lambda: network.forward(x[None]))
    if job.has_peer("ONNX Runtime") and (runtime := import_if_installed("onnxruntime")):
        model = network.to_onnx().SerializeToString()
        session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
        found["ONNX Runtime"] = in_python(lambda: session.run(None, {"X": x[None]})[0])
    return found


def in_python(call):
    return repeat(call), np.asarray(call())[0]


def library(compiler, include, call, network, x, folder, job, more=()):
    """Compile a loop of calls; return a function that runs it so many times, and the outputs."""
    real, zero = ("double", "0.0") if network.dtype == np.float64 else ("float", "0.0f")
    source = folder / "loop.c"
    source.write_text(LOOP.format(include=include, real=real, call=call, zero=zero))
    program = folder / f"{compiler}-{hash(call)}.so"
    flags = ["-std=gnu11", "-O3", *FLAGS.get(job.target, []), "-shared", "-fPIC", *more]
    subprocess.run(
        [compiler, *flags, str(source), f"-I{folder}", "-o", str(program), "-lm"], check=True
    )
    run = ctypes.CDLL(str(program)).run
    given, outputs = x.copy(), np.empty(network.layer_sizes[-1], network.dtype)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (given, outputs)]

    def repeated(times):
        run(*pointers, ctypes.c_long(times))

    repeated(1)
    return repeated, outputs.copy()


def as_perceptron(network):
    """Return what emlearn reads of scikit-learn's perceptrons."""
    *hidden, output = network.activations
    names = {"sigmoid": "logistic"}

    class MLPRegressor(SimpleNamespace):
        """emlearn goes by the name of the class."""

    return MLPRegressor(
        coefs_=list(network.weights),
        intercepts_=list(network.biases),
        activation=names.get(hidden[0], hidden[0]) if hidden else "identity",
        out_activation_=names.get(output, output),
        n_layers_=len(network.layer_sizes),
        n_outputs_=network.layer_sizes[-1],
    )
