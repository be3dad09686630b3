"""
A training that goes on tomorrow
================================

``save`` keeps a network in a file that other programs read, too. With ``training=True`` it also
keeps what the optimizer remembers: a training of the loaded network then goes on as if it had never
been interrupted, to the bit. Without it, Adam has to start afresh, which can be seen.
"""

# %%
# The same training three times: unbroken, and saved halfway with and without the state of Adam.

import tempfile
from pathlib import Path

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
X = random.uniform(-1, 1, (300, 2))
y = np.sin(4 * X[:, 0]) * X[:, 1]
options = dict(optimizer=dl.Adam(0.02), reduction="mean", batch_size=50, shuffle=True)


def new_network():
    return dl.Network([2, 12, 1], activation="tanh", output_activation="identity", seed=0)


unbroken = new_network()
whole = unbroken.train(X, y, epochs=200, **options).loss

first = new_network()
first_half = first.train(X, y, epochs=100, **options).loss
with tempfile.TemporaryDirectory() as folder:
    first.save(Path(folder, "with.safetensors"), training=True)
    first.save(Path(folder, "without.safetensors"))
    resumed = dl.load(Path(folder, "with.safetensors"))
    afresh = dl.load(Path(folder, "without.safetensors"))

second_half = resumed.train(X, y, epochs=100, **options).loss
fresh_half = afresh.train(X, y, epochs=100, **options).loss

# %%
# A digest is one line that says whether two networks have the same parameters.

print("unbroken:           ", unbroken.digest())
print("saved with training:", resumed.digest())
print("saved without:      ", afresh.digest())
print("same losses:", np.array_equal(np.concatenate([first_half, second_half]), whole))

# %%
# The curve of the resumed training lies on the unbroken one.

epochs = np.arange(1, 201)
fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
ax.semilogy(epochs, whole, "C9", lw=6, label="unbroken")
ax.semilogy(epochs[100:], fresh_half, "C1--", label="loaded without the training")
ax.semilogy(epochs[:100], first_half, "C0:", lw=2, label="before the save")
ax.semilogy(epochs[100:], second_half, "C0", label="loaded with the training")
ax.axvline(100.5, color="black", lw=0.8)
ax.set(xlabel="epoch", ylabel="half the mean squared error", title="Saved after 100 epochs")
ax.legend()
plt.show()
