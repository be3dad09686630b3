"""
A NumPy listing, then one call
==============================

Tutorials train a network by a loop of NumPy calls. With the ``def`` of each function replaced by an
import from denseloop, such a loop runs unchanged; ``Network.train`` then does all of it in one
call. Both walk down the same curve.
"""

# %%
# The listing: one sample with two inputs, two weights, and a target. The functions have the names
# that the tutorials give them.

import time

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from denseloop import error, error_predicted_deriv, sigmoid, sigmoid_sop_deriv, update_w

plt.style.use("tableau-colorblind10")

x, target = np.array([0.1, 0.4]), 0.3
first_weights = np.array([0.55, 0.72])
epochs, rate = 5_000, 0.1

start = time.perf_counter()
w, errors = first_weights.copy(), []
for _ in range(epochs):
    sop = np.sum(w * x)
    predicted = sigmoid(sop)
    errors.append(error(predicted, target))
    gradient = error_predicted_deriv(predicted, target) * sigmoid_sop_deriv(sop) * x
    w = update_w(w, gradient, rate)
listing_time = time.perf_counter() - start

# %%
# The same as a network without biases. The listing's error is the whole squared error, which
# denseloop halves unless it is told not to.

start = time.perf_counter()
net = dl.Network([2, 1], bias=False, weights=[first_weights.reshape(2, 1)])
history = net.train([x], [target], loss="squared_error", learning_rate=rate, epochs=epochs)
network_time = time.perf_counter() - start

difference = np.max(np.abs(history.loss - errors) / errors)
print(f"listing {listing_time:.3f} s, network {network_time:.4f} s, on the machine of this page")
print(f"largest relative difference of the errors: {difference:.1e}")
print("weights of the listing:", w, "of the network:", net.weights[0].ravel())

# %%
# The curve of the listing lies under that of the network.

fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.loglog(np.arange(1, epochs + 1), errors, "C8", lw=6, label="the listing, a loop in Python")
ax.loglog(np.arange(1, epochs + 1), history.loss, "C0", label="Network.train, one call")
ax.set(xlabel="iteration", ylabel="squared error", title="The error before each update")
ax.legend()
plt.show()
