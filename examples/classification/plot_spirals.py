"""
Two spirals
===========

Two spirals that wind around each other one and a half times are a hard test for a small network:
each class is everywhere beside the other. Three hidden layers and the estimator ``MLPClassifier``
part them.
"""

# %%
# Each spiral is the other one turned by half a circle.

import matplotlib.pyplot as plt
import numpy as np
from denseloop.neural_network import MLPClassifier
from matplotlib.colors import ListedColormap
from sklearn.inspection import DecisionBoundaryDisplay

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
angle = 3 * np.pi * np.sqrt(random.uniform(0.02, 1, 250))
spiral = np.column_stack([np.cos(angle), np.sin(angle)]) * angle[:, None] / (3 * np.pi)
X = np.concatenate([spiral, -spiral]) + random.normal(0, 0.015, (500, 2))
y = np.repeat([0, 1], 250)

# %%
# The estimator has the parameters of scikit-learn's. "gelu" is one of the activations that only
# denseloop's has.

classifier = MLPClassifier(
    hidden_layer_sizes=(20, 20, 20),
    activation="gelu",
    learning_rate_init=0.01,
    batch_size=50,
    max_iter=1_000,
    random_state=0,
)
classifier.fit(X, y)
print(f"{classifier.n_iter_} epochs, loss {classifier.loss_:.2g}")
print(f"share of the samples that are right: {classifier.score(X, y):.3f}")

# %%
# scikit-learn's display draws the boundary of any estimator.

fig, ax = plt.subplots(figsize=(5.2, 5), layout="constrained")
DecisionBoundaryDisplay.from_estimator(
    classifier,
    X,
    response_method="predict",
    grid_resolution=300,
    eps=0.2,
    plot_method="pcolormesh",
    cmap=ListedColormap(["C7", "C8"]),
    ax=ax,
)
for label, marker in enumerate("os"):
    ax.plot(*X[y == label].T, marker, ms=4, mec="white", color=f"C{5 * label}", mew=0.5)
ax.set(xlabel="first feature", ylabel="second feature", title="Two spirals", aspect="equal")
plt.show()
