"""
The optimizers on one problem
=============================

All optimizers minimize one loss, from the same weights, with all samples in each update. An epoch
is not equally long for each: the last two make several evaluations or solve a system, and pay off
where the loss has to become small.
"""

# %%
# A function of two inputs, learned by 2-16-1. The rates are the best after 500 epochs among 0.001,
# 0.002, 0.005, 0.01, ..., 1.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
X = random.uniform(-1, 1, (300, 2))
y = np.sin(3 * X[:, 0]) * np.cos(2 * X[:, 1])

optimizers = {
    "gradient descent": dl.GradientDescent(0.2),
    "with momentum 0.9": dl.GradientDescent(0.2, momentum=0.9),
    "Adam": dl.Adam(0.05),
    "RPROP": dl.RPROP(),
    "L-BFGS": dl.LBFGS(),
    "Levenberg-Marquardt": dl.LevenbergMarquardt(),
}
options = dict(activation="tanh", output_activation="identity", seed=0)
curves = {}
for name, optimizer in optimizers.items():
    net = dl.Network([2, 16, 1], **options)
    history = net.train(
        X, y, optimizer=optimizer, loss="squared_error", reduction="mean", epochs=500
    )
    curves[name] = history.loss
    print(f"{name:20} {len(history.loss):5,} epochs, mean squared error {history.loss[-1]:.1e}")

# %%
# The curves end where a method has converged, or after 500 epochs.

fig, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
styles = ["C2-", "C3--", "C1-", "C5--", "C4-", "C0-"]
for (name, losses), style in zip(curves.items(), styles):
    ax.loglog(np.arange(1, len(losses) + 1), losses, style, lw=2, label=name)
ax.set(xlabel="epoch", ylabel="mean squared error", title="Six optimizers from the same weights")
ax.legend()
plt.show()
