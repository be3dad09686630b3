"""
Digits in two dimensions
========================

An autoencoder learns to give back its inputs through a layer that is too narrow for them. With two
units there, each image becomes a point in the plane, and the network has to place alike images side
by side. It never hears which digit an image shows.
"""

# %%
# 64 pixels, two numbers, and 64 pixels again. The narrow layer has no activation, so that it can
# use all of the plane.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

X, digit = load_digits(return_X_y=True)
X /= 16
net = dl.Network([64, 48, 2, 48, 64], activation=["tanh", "identity", "tanh"], seed=0)
history = net.train(
    X,
    X,
    optimizer=dl.Adam(0.003),
    reduction="mean",
    batch_size=100,
    shuffle=True,
    epochs=250,
)
variance = np.mean((X - X.mean(axis=0)) ** 2)
left = np.mean((X - net.forward(X)) ** 2) / variance
explained = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
print(f"share of the variance that is lost: {left:.2f}")
print(f"by two principal components: {explained[2:].sum() / explained.sum():.2f}")

# %%
# The first half of the network is a network too: its weights and biases encode an image.

encoder = dl.Network(
    [64, 48, 2],
    activation=["tanh", "identity"],
    weights=net.weights[:2],
    biases=net.biases[:2],
)
points = encoder.forward(X)

fig, ax = plt.subplots(figsize=(6.4, 5.6), layout="constrained")
ax.scatter(*points.T, c=digit, cmap="tab10", s=8, alpha=0.6, linewidths=0)
for k in range(10):
    ax.text(
        *np.median(points[digit == k], axis=0),
        k,
        size=18,
        weight="bold",
        ha="center",
        va="center",
        bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "alpha": 0.8, "lw": 0},
    )
ax.set(xlabel="first unit of the narrow layer", ylabel="second unit")
ax.set_title("1,797 images of digits, as two numbers each")
plt.show()
