"""
Outliers, and losses that bear them
===================================

The squared error lets a wild sample pull as hard as its error is large. The Huber loss and the
absolute error let it pull only so hard. One sample in eight is wild here, and always upwards.
"""

# %%
# The same network, the same start, three losses. ``dl.train_many`` trains all in one call, with an
# option of each marked by ``dl.each``.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
x = np.sort(random.uniform(-1, 1, 160))
truth = np.sin(3 * x)
y = truth + random.normal(0, 0.1, 160)
wild = random.permutation(160) < 20
y[wild] += random.uniform(1.5, 4, wild.sum())

losses = {
    "squared error": "half_squared_error",
    "Huber, delta 0.2": dl.Huber(0.2),
    "absolute error": "absolute_error",
}
networks = [
    dl.Network([1, 10, 1], activation="tanh", output_activation="identity", seed=0) for _ in losses
]
dl.train_many(
    networks,
    x.reshape(-1, 1),
    y,
    loss=dl.each(list(losses.values())),
    optimizer=dl.Adam(0.01),
    reduction="mean",
    epochs=2_000,
)

# %%
# How far each curve is from the truth, which the training did not see.

fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
ax.plot(x[~wild], y[~wild], ".", color="C2", label="samples")
ax.plot(x[wild], y[wild], "x", color="C3", label="wild samples")
ax.plot(x, truth, "C9", lw=6, label="truth")
for net, name, style in zip(networks, losses, ["C1-.", "C0-", "k:"]):
    fitted = net.forward(x.reshape(-1, 1))[:, 0]
    print(f"{name:17} mean distance from the truth {np.abs(fitted - truth).mean():.3f}")
    ax.plot(x, fitted, style, lw=2, label=name)
ax.set(xlabel="x", ylabel="y", title=f"{wild.sum()} of {len(x)} samples are wild")
ax.legend(ncols=2, loc="upper left")
ax.set_ylim(-1.6, 6.6)
plt.show()
