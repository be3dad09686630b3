"""
An ensemble's band
==================

One network gives an answer everywhere, also where it has seen nothing. Fifty networks, each fitted
to a different draw of the samples, agree where there are samples and part where there are none: the
spread of their answers is a warning.
"""

# %%
# There are no samples between 0.1 and 0.55. ``return_std=True`` returns the members' standard
# deviation with their mean.

import matplotlib.pyplot as plt
import numpy as np
from denseloop.neural_network import MLPEnsembleRegressor

plt.style.use("tableau-colorblind10")

random = np.random.default_rng(0)
x = np.concatenate([random.uniform(-1, 0.1, 70), random.uniform(0.55, 1, 30)])
y = np.sin(4 * x) + random.normal(0, 0.1, 100)
ensemble = MLPEnsembleRegressor(
    50, hidden_layer_sizes=8, activation="tanh", solver="lm", alpha=1e-3, random_state=0
)
ensemble.fit(x.reshape(-1, 1), y)

shown = np.linspace(-1.3, 1.3, 261)
mean, std = ensemble.predict(shown.reshape(-1, 1), return_std=True)
inside = np.interp([-0.5, 0.3, 1.2], shown, std)
print("standard deviation at -0.5: {:.3f}, at 0.3: {:.3f}, at 1.2: {:.3f}".format(*inside))

# %%
# The members, their mean and the band of two standard deviations. The band tells where the networks
# disagree; it is not a bound on their error.

fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
for member in ensemble.estimators_:
    ax.plot(shown, member.predict(shown.reshape(-1, 1)), "C2", lw=0.4)
ax.plot([], [], "C2", lw=0.8, label="members")
ax.fill_between(
    shown, mean - 2 * std, mean + 2 * std, color="C7", alpha=0.5, label="two standard deviations"
)
ax.plot(shown, mean, "C0", lw=2, label="mean of the members")
ax.plot(shown, np.sin(4 * shown), "k:", label="truth")
ax.plot(x, y, ".", color="C5", label="samples")
ax.set(xlabel="x", ylabel="y", ylim=(-3, 3), title="Fifty networks 1-8-1")
ax.legend(ncols=2, loc="upper right")
plt.show()
