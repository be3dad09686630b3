"""
Digits, and which are confused
==============================

``MLPClassifier`` of ``denseloop.neural_network`` is scikit-learn's with one word of the import
changed: it goes into pipelines, searches and displays. Here it reads handwritten digits, and a
confusion matrix shows the mistakes.
"""

# %%
# A third of the 1,797 images of 8 x 8 pixels is kept for the test. 64 inputs go to 100 hidden units
# and 10 classes.

import matplotlib.pyplot as plt
import numpy as np
from denseloop.neural_network import MLPClassifier
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=1 / 3, random_state=0)
model = make_pipeline(MinMaxScaler(), MLPClassifier(max_iter=500, random_state=0))
model.fit(X_train, y_train)
predicted = model.predict(X_test)
wrong = np.flatnonzero(predicted != y_test)
print(f"{model[-1].n_iter_} epochs; {len(wrong)} of {len(y_test)} test images are misread")

# %%
# Rows are the digits that were written, columns what the network read. Beside the matrix are the
# first nine mistakes.

fig = plt.figure(figsize=(9.5, 5), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1.35, 1])
ConfusionMatrixDisplay.from_predictions(
    y_test, predicted, ax=left.subplots(), cmap="Blues", colorbar=False
)
left.suptitle("Test images")
for ax, k in zip(right.subplots(3, 3).flat, wrong):
    ax.imshow(X_test[k].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"{y_test[k]} read as {predicted[k]}", size="medium")
    ax.axis("off")
right.suptitle("Mistakes")
plt.show()
