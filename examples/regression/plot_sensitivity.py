"""
What a prediction depends on
============================

``jacobian`` returns the derivatives of the outputs by the inputs, for each sample. They say by how
much a prediction would change if an input did, and whether that is so for every sample: in a line
of regression it would be one number.
"""

# %%
# The progress of diabetes a year after ten measures were taken, for 442 patients. The network
# scales all of them; the penalty ``l2`` keeps it smooth.

import denseloop as dl
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score

plt.style.use("tableau-colorblind10")

data = load_diabetes(scaled=False)
X, y = data.data, data.target
net = dl.Network(
    [10, 6, 1], activation="tanh", output_activation="identity", scaling="standard", seed=0
)
net.train(X[:342], y[:342], optimizer=dl.Adam(0.01), l2=10, reduction="mean", epochs=3_000)
predicted = net.forward(X)[:, 0]
print(f"R2 for the patients of the training {r2_score(y[:342], predicted[:342]):.2f}", end=", ")
print(f"for the others {r2_score(y[342:], predicted[342:]):.2f}")

# %%
# The derivatives are by the measures in their own units, and are multiplied by their standard
# deviations to be compared. They are drawn in the order of their median sizes: a box holds half of
# the patients, a line 90 % of them.

derivatives = net.jacobian(X)[:, 0] * X.std(axis=0)
order = np.argsort(np.median(np.abs(derivatives), axis=0))
for k in order[:-4:-1]:
    print(f"{data.feature_names[k]:4} median derivative {np.median(derivatives[:, k]):6.1f}")

fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
ax.axvline(0, color="C2", lw=1)
ax.boxplot(
    derivatives[:, order],
    orientation="horizontal",
    whis=(5, 95),
    showfliers=False,
    patch_artist=True,
    boxprops={"facecolor": "C7"},
    medianprops={"color": "black"},
)
ax.set_yticks(range(1, 11), [data.feature_names[k] for k in order])
ax.set_xlabel("change of the predicted progress for one standard deviation of the measure")
ax.set_title("Derivatives of the prediction for 442 patients")
plt.show()
