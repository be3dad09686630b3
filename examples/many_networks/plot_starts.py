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
# Losses that agree to 0.01 are taken for one minimum. In the best all outputs are right. In the
# others two samples share the output 1/2, which costs 1/4, or three share 2/3, which costs 1/3, or
# all four share 1/2, which costs 1/2; the penalty adds the rest.

minima, members, counts = np.unique(losses.round(2), return_index=True, return_counts=True)
for loss, member, count in zip(minima, members, counts):
    outputs = networks[int(member)].forward(X).ravel().round(2)
    print(f"loss {loss:.2f}: {count} of 500, one of which has the outputs {outputs}")

# %%
# Above the heaps, and below what a network of each of the three largest makes of the plane.

largest = np.sort(np.argsort(counts)[-3:])
fig = plt.figure(figsize=(7.5, 6), layout="constrained")
axes = fig.subplot_mosaic("AAA;BCD", height_ratios=[1, 1.1])
axes["A"].bar(minima, counts, 0.008, color="C0")
axes["A"].set(xlabel="last loss", ylabel="networks", title="Where 500 trainings end")
side = np.linspace(-0.5, 1.5, 201)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
colors = LinearSegmentedColormap.from_list("classes", ["C4", "white", "C8"])
for name, k in zip("BCD", largest):
    ax, outputs = axes[name], networks[int(members[k])].forward(grid).reshape(201, 201)
    ax.pcolormesh(side, side, outputs, cmap=colors, vmin=0, vmax=1)
    for label, marker in enumerate("os"):
        ax.plot(*X[y == label].T, marker, ms=9, mec="black", color=f"C{label}")
    ax.set(title=f"{counts[k]} networks at {minima[k]:.2f}", xlabel="first input", aspect="equal")
axes["B"].set_ylabel("second input")
plt.show()
