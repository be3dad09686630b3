"""
Why samples are scaled
======================

A network learns from inputs of about 1. A pressure in pascal puts every tanh into saturation, where
its derivative is next to nothing, and training hardly moves. ``scaling="standard"`` scales inputs
and targets from within the network, whose outputs stay in the units of the data.
"""

# %%
# The density of dry air follows from its temperature and its pressure, which is around 100,000 Pa.

import warnings

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
temperature, pressure = random.uniform(250, 320, 300), random.uniform(6e4, 1.05e5, 300)
X = np.column_stack([temperature, pressure])
density = pressure / (287.05 * temperature)  # kg/m³, from K and Pa

# %%
# Without scaling, the training warns that it led nowhere. The warnings are kept here, to print
# them.

options = dict(activation="tanh", output_activation="identity", seed=0)
networks = {
    "as they are": dl.Network([2, 10, 1], **options),
    'scaling="standard"': dl.Network([2, 10, 1], scaling="standard", **options),
}
for name, net in networks.items():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.train(X, density, optimizer=dl.Adam(0.01), reduction="mean", epochs=1_500)
    print(f"{name}: {len(caught)} warnings")
    for warning in caught:
        print(f"{warning.category.__name__}: {warning.message}")

# %%
# The outputs of the first network are one number for all samples, and their derivatives by the
# temperature are 0.

fig, axes = plt.subplots(1, 2, figsize=(8.4, 4.2), sharey=True, layout="constrained")
for ax, (name, net) in zip(axes, networks.items()):
    predicted = net.forward(X)[:, 0]
    slopes = net.jacobian(X)[:, 0, 0]
    print(f"{name}: derivatives from {slopes.min():.2g} to {slopes.max():.2g} kg/m³ for each K")
    ax.plot([0.6, 1.5], [0.6, 1.5], "C9", lw=3)
    ax.plot(density, predicted, ".", color="C0")
    deviation = np.sqrt(np.mean((predicted - density) ** 2))
    ax.set(xlabel="density (kg/m³)", title=f"{name}: off by {deviation:.4f} (RMS)")
axes[0].set_ylabel("density by the network (kg/m³)")
plt.show()
