"""
Five hundred starts: which minima there are
===========================================

A training ends in the minimum that its first weights lead to. For XOR with two hidden units, one
call trains 500 networks, each from a start of its own, and their last losses fall into a few heaps:
the minima of this problem.
"""

# %%
# RPROP needs no rate, and a small penalty on the weights gives each minimum a place that is not
# infinitely far away.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

plt.style.use("tableau-colorblind10")

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([0.0, 1.0, 1.0, 0.0])
networks = dl.Networks([2, 2, 1], count=500, initialization="glorot_normal", seed=0)
histories = networks.train(X, y, optimizer="rprop", l2=1e-4, epochs=3_000)
losses = np.array([history.loss[-1] for history in histories])

# %%
# Losses that agree to 0.01 are taken for one minimum.

minima, members, counts = np.unique(losses.round(2), return_index=True, return_counts=True)
for loss, count in zip(minima, counts):
    print(f"loss {loss:.2f}: {count} networks")

# %%
# Above the heaps, and below what a network of each of the three largest makes of the plane.

largest = np.sort(np.argsort(counts)[-3:])
fig = plt.figure(figsize=(7.5, 6), layout="constrained")
axes = fig.subplot_mosaic("AAA;BCD", height_ratios=[1, 1.1])
axes["A"].bar(minima, counts, 0.008, color="C0")
axes["A"].set(xlabel="last loss", ylabel="networks", title="Where 500 trainings end")
side = np.linspace(-0.5, 1.5, 101)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
colors = LinearSegmentedColormap.from_list("classes", ["C0", "white", "C1"])
for name, k in zip("BCD", largest):
    ax, outputs = axes[name], networks[int(members[k])].forward(grid).reshape(101, 101)
    ax.imshow(
        outputs,
        extent=(-0.5, 1.5, -0.5, 1.5),
        origin="lower",
        cmap=colors,
        alpha=0.6,
        vmin=0,
        vmax=1,
    )
    for label, marker in enumerate("os"):
        ax.plot(*X[y == label].T, marker, ms=9, mec="black", color=f"C{label}")
    ax.set(title=f"{counts[k]} networks at {minima[k]:.2f}", xlabel="first input")
axes["B"].set_ylabel("second input")
plt.show()
