"""
What a prediction depends on
============================

``jacobian`` returns the derivatives of the outputs by the inputs, for each sample. They say by how
much a prediction would change if an input did, and for which samples: in a linear regression it
would be one number for all.
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

low, first, middle, third, high = np.percentile(derivatives[:, order], [5, 25, 50, 75, 95], axis=0)
places = np.arange(10)
fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
ax.axvline(0, color="C2", lw=1)
ax.hlines(places, low, high, "black", lw=1)
ax.barh(places, third - first, left=first, height=0.5, color="C7", edgecolor="black")
ax.plot(middle, places, "k|", ms=14, mew=2)
ax.set_yticks(places, [data.feature_names[k] for k in order])
ax.set_xlabel("change of the predicted progress for one standard deviation of the measure")
ax.set_title("Derivatives of the prediction for 442 patients")
plt.show()
