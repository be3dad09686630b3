"""
What a prediction depends on
============================

``jacobian`` returns the derivatives of the predictions by the inputs, for each sample. They say by
how much a prediction would change if an input did, and whether that is so for every sample: in a
line of regression it would be one number.
"""

# %%
# The progress of diabetes a year after ten measures were taken, for 442 patients. Each measure is
# scaled to a standard deviation of 1.

import matplotlib.pyplot as plt
import numpy as np
from denseloop.neural_network import MLPRegressor
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

plt.style.use("tableau-colorblind10")

data = load_diabetes(scaled=False)
X = StandardScaler().fit_transform(data.data)
regressor = MLPRegressor(
    hidden_layer_sizes=(10,),
    activation="tanh",
    solver="lbfgs",
    alpha=30.0,
    max_iter=5_000,
    random_state=0,
)
regressor.fit(X[:342], data.target[:342])
print(f"R2 of the training {regressor.score(X[:342], data.target[:342]):.2f}", end=", ")
print(f"of the other patients {regressor.score(X[342:], data.target[342:]):.2f}")

# %%
# The measures in the order of the median size of their derivatives. A box holds half of the
# patients, a line 90 % of them.

derivatives = regressor.jacobian(X)[:, 0]
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
