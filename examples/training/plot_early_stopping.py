"""
When to stop
============

A network with many parameters and few samples ends by learning the noise. Its loss goes on falling
for the samples of the training, but rises for others. ``EarlyStopping`` watches these others, and
gives back the parameters of the best epoch.
"""

# %%
# 25 samples for the training and 25 for the validation, for a network of 1,153 parameters. The
# first training goes on to the end, to show what would happen.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
x = random.uniform(-1, 1, (50, 1))
y = np.sin(3 * x) + 0.4 * random.standard_normal(x.shape)


def train(stopping):
    net = dl.Network([1, 32, 32, 1], activation="tanh", output_activation="identity", seed=0)
    net.train(
        x[:25],
        y[:25],
        optimizer=dl.Adam(0.005),
        reduction="mean",
        epochs=4_000,
        eval_set=(x[25:], y[25:]),
        stopping=stopping,
    )
    return net


on, stopped = train(None), train(dl.EarlyStopping(patience=200, tolerance=0))
history = stopped.history
print(f"stopped after {len(history.loss)} epochs, by {history.stopped_by!r}")
best = history.best_epoch
print(f"best epoch {best + 1}: validation loss {history.validation_loss[best]:.3f}", end="")
print(f"; without stopping it ends at {on.history.validation_loss[-1]:.3f}")

# %%
# Left the losses, right what the network makes of the samples in both cases.

fig, (course, curve) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
epochs = np.arange(1, len(on.history.loss) + 1)
course.loglog(epochs, on.history.loss, "C0", label="training samples")
course.loglog(epochs, on.history.validation_loss, "C1--", label="validation samples")
course.axvline(best + 1, color="black", ls=":", label="best epoch")
course.axvline(len(history.loss), color="C2", ls=":", label="stopped here")
course.set(xlabel="epoch", ylabel="half the mean squared error", title="The losses")
course.legend()
shown = np.linspace(-1, 1, 301).reshape(-1, 1)
curve.plot(x[:25], y[:25], "o", color="C0", ms=5, label="training samples")
curve.plot(x[25:], y[25:], "x", color="C1", ms=5, label="validation samples")
curve.plot(shown, np.sin(3 * shown), "C9", lw=5, label="truth")
curve.plot(shown, on.forward(shown), "C3--", label="after 4,000 epochs")
curve.plot(shown, stopped.forward(shown), "k", label="stopped early")
curve.set(xlabel="x", ylabel="y", title="The networks")
curve.legend(ncols=2, loc="upper left")
curve.set_ylim(-1.8, 3)
plt.show()
