"""
A network in C, to the bit
==========================

``to_c`` writes a network as one C header without dependencies. What it computes has the same bits
as ``forward`` in Python: here, the example compiles it and compares. NumPy's own ``tanh`` and
products, in contrast, are off in the last digits.
"""

# %%
# A network to export: the torque of a motor against its angle, say.

import ctypes
import subprocess
import tempfile
from pathlib import Path

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

x = np.linspace(-1, 1, 400).reshape(-1, 1)
y = np.sin(4 * x) + 0.3 * np.sin(11 * x)
net = dl.Network([1, 10, 10, 1], activation="tanh", output_activation="identity", seed=0)
net.train(x, y, optimizer="lm", reduction="mean", epochs=60)

# %%
# The header becomes a shared library by the C compiler of this machine, ``cc``, and ctypes calls it
# for each sample.

in_c = np.empty_like(y)
with tempfile.TemporaryDirectory() as folder:
    net.to_c(Path(folder, "torque.h"), "torque")
    Path(folder, "torque.c").write_text(
        '#include "torque.h"\nvoid predict(const double* x, double* y) { torque_predict(x, y); }\n'
    )
    size = Path(folder, "torque.h").stat().st_size
    command = ["cc", "-O2", "-shared", "-fPIC", "torque.c", "-o", "torque.so"]
    subprocess.run(command, cwd=folder, check=True)
    predict = ctypes.CDLL(str(Path(folder, "torque.so"))).predict
    pointer = ctypes.POINTER(ctypes.c_double)
    for row, output in zip(x, in_c):
        predict(row.ctypes.data_as(pointer), output.ctypes.data_as(pointer))

in_python = net.forward(x)
by_numpy = x
for layer, (w, b) in enumerate(zip(net.weights, net.biases)):
    by_numpy = by_numpy @ w + b if layer == 2 else np.tanh(by_numpy @ w + b)
print(f"the header has {size / 1024:.0f} KiB")
print("same bits in C and in Python:", np.array_equal(in_c, in_python))
print(f"same numbers by NumPy: {np.sum(by_numpy == in_python)} of {len(x)}")

# %%
# Above the outputs, below the differences from Python.

fig, (above, below) = plt.subplots(
    2, 1, figsize=(7, 5.2), sharex=True, height_ratios=[1.4, 1], layout="constrained"
)
above.plot(x, in_python, "C9", lw=6, label="forward, in Python")
above.plot(x[::8], in_c[::8], "o", color="C0", ms=4, label="the header, in C")
above.set(ylabel="output", ylim=(-1.7, 1.3), title="One network, three programs")
above.legend(loc="lower center", ncols=2)
below.plot(x, (by_numpy - in_python) * 1e15, ".", color="C1", ms=4, label="NumPy")
below.plot(x, (in_c - in_python) * 1e15, "C0", label="C")
below.set(xlabel="input", ylim=(-6, 9), ylabel="difference (10⁻¹⁵)")
below.legend(loc="upper center", ncols=2)
plt.show()
