"""
A curve by Levenberg-Marquardt and by Adam
==========================================

For a small network and squared errors, Levenberg-Marquardt solves a linear system in each step. A
step costs more than an epoch of Adam, but there is no learning rate to choose, and a few dozen
steps reach what thousands of epochs do not.
"""

# %%
# A curve without noise, so that nothing but the optimizer limits the error. Both start from the
# same weights.

import time

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

x = np.linspace(-1, 1, 200).reshape(-1, 1)
y = np.sin(8 * x**2) * np.exp(-x)

runs = {}
for name, optimizer, epochs in [
    ("Adam, learning rate 0.01", dl.Adam(0.01), 20_000),
    ("Levenberg-Marquardt", dl.LevenbergMarquardt(), 200),
]:
    net = dl.Network([1, 12, 1], activation="tanh", output_activation="identity", seed=0)
    start = time.perf_counter()
    history = net.train(
        x, y, optimizer=optimizer, loss="squared_error", reduction="mean", epochs=epochs
    )
    runs[name] = net, history.loss, time.perf_counter() - start

# %%
# The times are those of the machine that made this page. Each epoch is taken to be as long as any
# other.

goal = runs["Adam, learning rate 0.01"][1].min()
for name, (_, losses, seconds) in runs.items():
    epochs = int(np.argmax(losses <= goal))
    print(f"{name}: mean squared error {goal:.1e} after {epochs:,} epochs", end=", ")
    print(f"{1e3 * seconds * epochs / len(losses):.1f} ms; at the end {losses[-1]:.1e}")

fig, (curve, distance, course) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
curve.plot(x, y, "C9", lw=6)
for (name, (net, losses, seconds)), style in zip(runs.items(), ["C1--", "C0-"]):
    curve.plot(x, net.forward(x), style)
    distance.semilogy(x, np.abs(net.forward(x) - y), style)
    milliseconds = 1e3 * seconds * np.arange(1, len(losses) + 1) / len(losses)
    course.loglog(milliseconds, losses, style, label=name)
curve.set(xlabel="x", ylabel="y", title="The curve and two networks 1-12-1")
distance.set(xlabel="x", ylabel="distance", title="Their distances from the curve")
course.set(xlabel="time (ms)", ylabel="mean squared error", title="The error over time")
fig.legend(*course.get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()
