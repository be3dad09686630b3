"""
A decision boundary in motion
=============================

A training can be watched: ``net.trainer`` prepares it, and ``trainer.run`` goes on for as many
epochs as are asked for, with the same bits as in one call. Between the runs the plane is drawn. The
boundary begins as nearly a line, and closes around the inner class where the loss falls.
"""

# %%
# Plain gradient descent on two rings. The frames are closer at the beginning, where more happens.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_circles

plt.style.use("tableau-colorblind10")

X, y = make_circles(200, factor=0.5, noise=0.1, random_state=0)
net = dl.Network([2, 6, 1], activation="tanh", seed=3)
trainer = net.trainer(X, y, learning_rate=0.5, loss="binary_cross_entropy", reduction="mean")

side = np.linspace(-1.5, 1.5, 81)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
epochs = np.unique(np.geomspace(1, 3_000, 26).astype(int)).tolist()
maps, losses, done = [], [], 0
for epoch in epochs:
    losses.append(trainer.run(epoch - done).loss[-1])
    maps.append(net.forward(grid).reshape(81, 81))
    done = epoch
print(f"loss before epoch 1: {losses[0]:.3f}, before epoch {epochs[-1]:,}: {losses[-1]:.3f}")

# %%
# The animation: the output in steps of 0.1, the line where it is 1/2, and the loss so far.

fig, (plane, curve) = plt.subplots(1, 2, figsize=(6, 3), dpi=72)
fig.subplots_adjust(left=0.12, right=0.97, bottom=0.17, wspace=0.35)
colors = LinearSegmentedColormap.from_list("classes", ["C4", "white", "C8"])
for label, marker in enumerate("os"):
    plane.plot(*X[y == label].T, marker, ms=4, mec="white", mew=0.5, color=f"C{label}")
plane.set(xlabel="first feature", ylabel="second feature", aspect="equal")
curve.semilogx(epochs, losses, "C9", lw=3)
(point,) = curve.semilogx([], [], "o", color="C0")
curve.set(xlabel="epoch", ylabel="binary cross entropy")
areas = []


def draw(frame):
    while areas:
        areas.pop().remove()
    levels = np.linspace(0, 1, 11)
    areas.append(plane.contourf(side, side, maps[frame], levels, cmap=colors, zorder=0))
    areas.append(plane.contour(side, side, maps[frame], [0.5], colors="black"))
    point.set_data([epochs[frame]], [losses[frame]])
    plane.set_title(f"after {epochs[frame]:,} epochs" if frame else "after 1 epoch")


animation = FuncAnimation(fig, draw, frames=len(epochs), interval=200, repeat_delay=2_000)
plt.show()
