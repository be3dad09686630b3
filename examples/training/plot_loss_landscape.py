"""
The landscape of a loss
=======================

A loss is a function of all parameters, here 25. Two directions of this space can be drawn: those in
which the training moved most. The picture shows the loss around the minimum that was found, and the
way of the training down to it.
"""

# %%
# The callback keeps a copy of the parameters after each epoch.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

x = np.linspace(-1, 1, 60).reshape(-1, 1)
y = np.sin(4 * x)
net = dl.Network([1, 8, 1], activation="tanh", output_activation="identity", seed=1)
way = [net.parameters.copy()]
net.train(
    x,
    y,
    optimizer=dl.Adam(0.02),
    reduction="mean",
    l2=0.05,
    epochs=3_000,
    callback=lambda progress: way.append(progress.network.parameters.copy()),
)
way = np.array(way) - way[-1]

# %%
# The directions are the principal components of the way. ``net.objective`` makes a function of the
# parameters, which evaluates the loss 10,000 times here.

_, sizes, directions = np.linalg.svd(way, full_matrices=False)
share = sizes[:2] ** 2 / np.sum(sizes**2)
print(f"shares of the way along the two directions: {share[0]:.3f} and {share[1]:.3f}")
places = way @ directions[:2].T

minimum = net.parameters.copy()
objective = net.objective(x, y, reduction="mean", l2=0.05)
low, high = places.min(axis=0), places.max(axis=0)
across, up = (np.linspace(a - (b - a) / 2, b + (b - a) / 2, 100) for a, b in zip(low, high))
losses = [
    [objective.loss(minimum + a * directions[0] + b * directions[1]) for a in across] for b in up
]
print(f"loss at the beginning {objective.loss(minimum + way[0]):.3g}", end=", ")
print(f"at the end {objective.loss(minimum):.3g}", end=", ")
print(f"with derivatives of at most {np.abs(objective(minimum)[1]).max():.1g}")

# %%
# Lines of equal loss, on a logarithmic scale. The way does not lie quite in the plane, so it need
# not go down everywhere in the picture.

fig, ax = plt.subplots(figsize=(6.4, 4.8), layout="constrained")
levels = np.linspace(np.log10(np.min(losses)), np.log10(np.max(losses)), 24)
filled = ax.contourf(across, up, np.log10(losses), levels, cmap="Blues")
ax.contour(across, up, np.log10(losses), levels, colors="white", linewidths=0.5)
ax.plot(*places.T, "C1", lw=2, label="way of the training")
ax.plot(*places[0], "o", color="C5", mec="white", label="beginning")
ax.plot(*places[-1], "*", color="C5", mec="white", ms=14, label="end")
ax.set(xlabel="first direction", ylabel="second direction", title="The loss around a minimum")
ax.legend()
bar = fig.colorbar(filled, label="logarithm of the loss to base 10", format="%.1f")
plt.show()
