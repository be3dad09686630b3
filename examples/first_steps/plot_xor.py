"""
XOR, and what its hidden units do
=================================

The exclusive or is the smallest problem that a single layer cannot solve: no line parts its two
classes. Each of two hidden units draws one line, and the output unit combines them.
"""

# %%
# The four samples are both the training and all there is to know. Gradient descent takes 5,000
# epochs, in one call.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

plt.style.use("tableau-colorblind10")

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([0.0, 1.0, 1.0, 0.0])
net = dl.Network([2, 2, 1], seed=0)
history = net.train(X, y, learning_rate=2.0, epochs=5_000)
print(f"loss {history.loss[0]:.3f} before the first update, {history.loss[-1]:.4f} before the last")
print("outputs:", net.forward(X).ravel().round(2))

# %%
# A hidden unit's sigmoid is 1/2 on the line where its weighted sum is 0. ``net.weights[0]`` has a
# column for each hidden unit, and ``net.biases[0]`` an entry.

side = np.linspace(-0.5, 1.5, 201)
grid = np.stack(np.meshgrid(side, side), axis=-1)
outputs = net.forward(grid.reshape(-1, 2)).reshape(201, 201)
sums = grid @ net.weights[0] + net.biases[0]

fig, ax = plt.subplots(figsize=(5.6, 5.4), layout="constrained")
colors = LinearSegmentedColormap.from_list("classes", ["C4", "white", "C8"])
shown = ax.pcolormesh(side, side, outputs, cmap=colors, vmin=0, vmax=1)
for unit, style in enumerate(["--", ":"]):
    ax.contour(side, side, sums[:, :, unit], [0], colors="black", linestyles=style)
    ax.plot([], [], "black", linestyle=style, label=f"hidden unit {unit + 1}")
for label, marker in enumerate("os"):
    ax.plot(*X[y == label].T, marker, ms=11, mec="black", color=f"C{label}", label=f"XOR = {label}")
ax.set(xlabel="first input", ylabel="second input", title="The lines of two hidden units")
ax.set_aspect("equal")
fig.legend(loc="outside lower center", ncols=2)
fig.colorbar(shown, label="output of the network")
plt.show()
