"""
Activations and their derivatives
=================================

A layer's activation decides what the layers above can make of its sums, and its derivative how much
of an error comes back through it. Sigmoid and tanh lose both far from 0, which is why samples are
scaled; ReLU loses them on one side only.
"""

# %%
# A network of one weight of 1 computes nothing but its activation, and its Jacobian is the
# derivative.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

x = np.linspace(-5, 5, 401)
activations = ["sigmoid", "tanh", "relu", dl.LeakyReLU(0.1), "gelu", "exp"]
fig, axes = plt.subplots(2, 3, figsize=(9, 5.4), sharex=True, layout="constrained")
for ax, activation in zip(axes.flat, activations):
    net = dl.Network([1, 1], output_activation=activation, weights=[[[1.0]]])
    values, derivatives = net.value_and_jacobian(x.reshape(-1, 1))
    ax.axhline(0, color="C9", lw=1)
    ax.plot(x, values[:, 0], "C0", label="activation")
    ax.plot(x, derivatives[:, 0, 0], "C1--", label="derivative")
    ax.set(title=activation if isinstance(activation, str) else "leaky_relu, slope 0.1")
    ax.set_ylim((-1.2, 1.2) if activation == "tanh" else (-1, 3))
    if activation == "sigmoid":
        ax.set_ylim(-0.2, 1.2)
axes[0, 0].legend(loc="upper left")
fig.supxlabel("weighted sum of a unit")

# %%
# The sigmoid and its derivative are also NumPy ufuncs. Far below 0 they are right where the usual
# formula is not: the exponential in ``1 / (1 + exp(-x))`` overflows below -709.78.

far = np.array([-740.0, -710.0, -700.0])
with np.errstate(over="ignore"):
    formula = 1 / (1 + np.exp(-far))
for row in zip(far, formula, dl.sigmoid(far), dl.sigmoid_sop_deriv(far)):
    print("x = {:.0f}: formula {:.4g}, sigmoid {:.4g}, derivative {:.4g}".format(*row))
plt.show()
