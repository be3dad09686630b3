"""
Schedules of the learning rate
==============================

With batches drawn at random, a large rate learns fast but keeps jumping around the minimum, and a
small one takes long to arrive. A schedule begins with the large one and lets it fall.
"""

# %%
# Noisy samples in batches of 10, and plain gradient descent. ``InverseScaling`` falls with a power
# of the epoch, ``Adaptive`` whenever the loss has stopped falling, and ends the training when it
# has become too small.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
X = random.uniform(-1, 1, (400, 2))
truth = np.sin(3 * X[:, 0]) * X[:, 1]
y = truth + random.normal(0, 0.2, 400)

schedules = {
    "0.5 throughout": 0.5,
    "0.01 throughout": 0.01,
    "InverseScaling(0.5, power=0.5)": dl.InverseScaling(0.5, power=0.5),
    "Adaptive(0.5, divisor=2, ...)": dl.Adaptive(0.5, divisor=2, patience=15, smallest=1e-3),
}
histories = {}
for name, rate in schedules.items():
    net = dl.Network([2, 12, 1], activation="tanh", output_activation="identity", seed=0)
    histories[name] = net.train(
        X,
        y,
        learning_rate=rate,
        reduction="mean",
        batch_size=10,
        shuffle=True,
        epochs=400,
        eval_set=(X, truth),
    )
    last = histories[name].validation_loss[-50:]
    print(f"{name:31} distance from the truth, last 50 epochs: {last.mean():.4f}", end=" ")
    print(f"(between {last.min():.4f} and {last.max():.4f})")

# %%
# The distance from the truth is half the mean squared error without the noise, by which no training
# is disturbed: a network is only evaluated on its ``eval_set``.

fig, (rates, losses) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for (name, history), style in zip(histories.items(), ["C2-", "C3:", "C1--", "C0-"]):
    epochs = np.arange(1, len(history.loss) + 1)
    rates.semilogy(epochs, history.learning_rate, style, lw=2, label=name)
    losses.loglog(epochs, history.validation_loss, style, lw=1.5)
rates.set(xlabel="epoch", ylabel="learning rate", title="The rate of each epoch")
losses.set(xlabel="epoch", ylabel="distance from the truth", title="What it leads to")
fig.legend(loc="outside lower center", ncols=4)
plt.show()
