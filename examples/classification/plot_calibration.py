"""
A rare class, and honest probabilities
======================================

With one sample in twenty of class 1, a classifier misses many of them. ``class_weight="balanced"``
makes it find more, at a price: its outputs are no longer the probabilities. A calibration curve
shows the price, a table what it buys.
"""

# %%
# Two classifiers with the same start and the same samples, one with balanced weights.

import matplotlib.pyplot as plt
import numpy as np
from denseloop.neural_network import MLPClassifier
from sklearn.calibration import CalibrationDisplay
from sklearn.datasets import make_classification
from sklearn.metrics import precision_score, recall_score
from sklearn.model_selection import train_test_split

plt.style.use("tableau-colorblind10")

X, y = make_classification(
    12_000, n_features=6, n_informative=4, weights=[0.95], class_sep=0.8, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
classifiers = {}
for name, class_weight in {"no weights": None, "balanced weights": "balanced"}.items():
    classifiers[name] = MLPClassifier(
        hidden_layer_sizes=(16,),
        alpha=0.1,
        learning_rate_init=0.005,
        class_weight=class_weight,
        max_iter=500,
        random_state=0,
    ).fit(X_train, y_train)

# %%
# Recall is the share of class 1 that is found, precision the share of the findings that are right.

for name, classifier in classifiers.items():
    found = classifier.predict(X_test)
    recall, precision = recall_score(y_test, found), precision_score(y_test, found)
    probability = classifier.predict_proba(X_test)[:, 1].mean()
    print(f"{name:17} recall {recall:.2f}, precision {precision:.2f}, mean probability", end=" ")
    print(f"{probability:.3f} where the share of class 1 is {np.mean(y_test):.3f}")

# %%
# Points on the diagonal are honest: of the samples to which the network gives 30 %, 30 % are of
# class 1. A point of few samples may lie off it by chance, so their numbers are printed.

fig, ax = plt.subplots(figsize=(5.6, 5), layout="constrained")
for (name, classifier), style in zip(classifiers.items(), ["C0o-", "C1s--"]):
    CalibrationDisplay.from_estimator(classifier, X_test, y_test, n_bins=6, name=name, ax=ax)
    numbers, _ = np.histogram(classifier.predict_proba(X_test)[:, 1], np.linspace(0, 1, 7))
    print(f"{name:17} samples of each point: {numbers}")
    ax.lines[-1].set(color=style[:2], marker=style[2], linestyle=style[3:])
ax.set(xlabel="mean predicted probability of class 1", ylabel="share of class 1 among them")
ax.set_title("Are the probabilities true?")
ax.legend(loc="upper left")
plt.show()
