"""
Quantiles of noise that varies
==============================

A mean says nothing about the spread around it. Trained with the pinball loss, a network learns a
quantile instead: the 10 % and the 90 % quantile make a band that holds 80 % of the samples, however
wide the noise is at each place.
"""

# %%
# The noise grows from left to right. Three networks are trained in one call, each for a level of
# its own.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
x = random.uniform(0, 10, 4_000)
y = 2 * np.sin(x) + random.normal(0, 0.1 + 0.15 * x)
X = x.reshape(-1, 1) / 5 - 1

levels = [0.1, 0.5, 0.9]
networks = [
    dl.Network([1, 12, 12, 1], activation="tanh", output_activation="identity", seed=0)
    for _ in levels
]
dl.train_many(
    networks,
    X[:2_000],
    y[:2_000],
    loss=dl.each([dl.Quantile(level) for level in levels]),
    optimizer=dl.Adam(dl.InverseScaling(0.02, power=0.25)),
    reduction="mean",
    batch_size=100,
    shuffle=True,
    epochs=300,
)

# %%
# The shares are of the second half of the samples, which were not in the training.

for level, net in zip(levels, networks):
    below = np.mean(y[2_000:] < net.forward(X[2_000:])[:, 0])
    print(f"level {level}: {below:.3f} of the samples lie below")

shown = np.linspace(0, 10, 201)
low, middle, high = (net.forward(shown.reshape(-1, 1) / 5 - 1)[:, 0] for net in networks)
fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
ax.plot(x[2_000::2], y[2_000::2], ".", color="C2", ms=2, label="every other sample of the test")
ax.fill_between(shown, low, high, color="C7", alpha=0.5, label="between 10 % and 90 %")
ax.plot(shown, middle, "C0", lw=2, label="median")
true_spread = 1.2816 * (0.1 + 0.15 * shown)  # the 90 % quantile of a normal distribution
for sign in (-1, 1):
    edge = 2 * np.sin(shown) + sign * true_spread
    ax.plot(shown, edge, "k:", lw=1, label="true quantiles" if sign > 0 else None)
ax.set(xlabel="x", ylabel="y", title="Three quantiles")
ax.legend(loc="upper left")
plt.show()
