"""
Two moons, and where their boundary runs
========================================

Two classes that interlock cannot be parted by a line. A network of two hidden layers parts them,
and its sigmoid output is the probability of a class, so that the picture also shows where it is in
doubt.
"""

# %%
# The samples of scikit-learn's moons overlap a little. The binary cross entropy is the loss that
# makes probabilities of the outputs.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_moons

plt.style.use("tableau-colorblind10")

X, y = make_moons(400, noise=0.2, random_state=0)
net = dl.Network([2, 16, 16, 1], activation="tanh", seed=0)
history = net.train(
    X[:300],
    y[:300],
    optimizer=dl.Adam(0.01),
    loss="binary_cross_entropy",
    reduction="mean",
    l2=0.1,
    batch_size=32,
    shuffle=True,
    epochs=300,
)
correct = (net.forward(X[300:])[:, 0] > 0.5) == y[300:]
print(f"loss {history.loss[0]:.3f} -> {history.loss[-1]:.3f}")
print(f"{correct.sum()} of 100 samples that were not in the training are right")

# %%
# The network's outputs over the plane, with the line where both classes are equally likely.

across, up = np.linspace(-1.8, 2.8, 231), np.linspace(-1.3, 1.8, 156)
grid = np.stack(np.meshgrid(across, up), axis=-1)
probability = net.forward(grid.reshape(-1, 2)).reshape(156, 231)

fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
colors = LinearSegmentedColormap.from_list("classes", ["C4", "white", "C8"])
shown = ax.pcolormesh(across, up, probability, cmap=colors, vmin=0, vmax=1)
ax.contour(across, up, probability, [0.5], colors="black")
for label, marker in enumerate("os"):
    ax.plot(*X[y == label].T, marker, ms=5, mec="white", color=f"C{label}", label=f"class {label}")
ax.set(xlabel="first feature", ylabel="second feature", title="Probability of class 1")
ax.legend(loc="upper left")
fig.colorbar(shown)
plt.show()
