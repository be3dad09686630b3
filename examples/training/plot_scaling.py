"""
Why samples are scaled
======================

A network learns from inputs of about 1. Temperatures in kelvin put every tanh into saturation,
where its derivative is next to nothing, and training hardly moves. ``scaling="standard"`` scales
inputs and targets from within the network, whose outputs stay in the units of the data.
"""

# %%
# The power that a house is heated with, against the temperatures outside and inside.

import warnings

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
outside, inside = random.uniform(255, 300, 300), random.uniform(289, 297, 300)
X = np.column_stack([outside, inside])
y = 0.25 * np.log1p(np.exp((inside - outside - 3) / 2)) + random.normal(0, 0.1, 300)  # in kW

# %%
# Without scaling the training warns that it led nowhere. This warning is kept, to print it.

options = dict(activation="tanh", output_activation="identity", seed=0)
fitting = dict(optimizer=dl.Adam(0.01), reduction="mean", epochs=1_500)
raw = dl.Network([2, 10, 1], **options)
before = raw.weights[0].copy()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    raw.train(X, y, **fitting)
scaled = dl.Network([2, 10, 1], scaling="standard", **options)
scaled.train(X, y, **fitting)
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}")

# %%
# The hidden sums of the raw network are in the hundreds, those of the scaled one near 0.

sums = X @ raw.weights[0] + raw.biases[0]
print(f"median size of the raw network's hidden sums: {np.median(np.abs(sums)):.0f}")
print(f"its largest change of a first-layer weight: {np.abs(raw.weights[0] - before).max():.2g}")

fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for ax, net, title in zip(axes, [raw, scaled], ["as they are", 'scaling="standard"']):
    predicted = net.forward(X)[:, 0]
    ax.plot(outside, y, ".", color="C2", label="samples")
    ax.plot(outside, predicted, "x", color="C0", ms=4, label="network")
    deviation = np.sqrt(np.mean((predicted - y) ** 2))
    ax.set(xlabel="temperature outside (K)", title=f"{title}: off by {deviation:.2f} kW (RMS)")
axes[0].set_ylabel("heating power (kW)")
axes[0].legend()
plt.show()
