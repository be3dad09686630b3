"""
A loss of your own, for angles
==============================

The wind at 359° is nearly the wind at 1°, but the squared error calls that a miss of 358°. A loss
may be any Python function that returns its value and its derivatives by the outputs. Here it is 1 -
cos(a - y), which knows that a circle closes.
"""

# %%
# Over three days the wind turns past north and back, twice. The core calls the function with the
# outputs and the targets of a batch, both of shape (n_samples, n_outputs).

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")


def angular(outputs, targets):
    """Return the mean of 1 - cos of the errors, and its derivatives by the outputs."""
    errors = outputs - targets
    return np.mean(1 - np.cos(errors)), np.sin(errors) / len(errors)


random = np.random.default_rng(0)
hours = np.linspace(0, 72, 217)
truth = np.radians(330 + 100 * np.sin(2 * np.pi * hours / 48))
y = (truth + random.normal(0, 0.15, hours.size)) % (2 * np.pi)
X = (hours / 36 - 1).reshape(-1, 1)

# %%
# Two trainings from the same weights. The mean of the losses is the function's own business, so
# only the squared error is told to take it.

networks = {}
for name, options in {
    "squared error": {"loss": "half_squared_error", "reduction": "mean"},
    "1 - cos": {"loss": angular},
}.items():
    net = dl.Network([1, 12, 1], activation="tanh", output_activation="identity", seed=0)
    net.train(X, y, optimizer=dl.Adam(0.02), epochs=2_000, **options)
    networks[name] = net

# %%
# Directions are drawn modulo 360°; a gap is put where a curve jumps.

fig, ax = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
ax.plot(hours, np.degrees(y), ".", color="C2", label="measured")
for (name, net), style in zip(networks.items(), ["C1--", "C0-"]):
    outputs = net.forward(X)[:, 0]
    off = np.degrees(np.abs((outputs - truth + np.pi) % (2 * np.pi) - np.pi))
    print(f"{name:13} off by {off.mean():5.1f}° on average, at most {off.max():5.1f}°")
    degrees = np.degrees(outputs) % 360
    degrees[1:][np.abs(np.diff(degrees)) > 180] = np.nan
    ax.plot(hours, degrees, style, lw=2, label=name)
ax.set(xlabel="time (h)", ylabel="direction of the wind (°)", title="Angles that pass north")
ax.set_yticks(range(0, 361, 90))
ax.set_ylim(-10, 460)
ax.legend(ncols=3, loc="upper center")
plt.show()
