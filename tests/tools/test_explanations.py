"""SHAP explains networks and estimators: `make tools`."""

import denseloop as dl
import numpy as np
import pytest
from denseloop.neural_network import MLPClassifier

from tests.estimators.perceptrons import UNHEEDED

shap = pytest.importorskip("shap", reason="shap is missing: make tools")

pytestmark = [
    *(pytest.mark.filterwarnings(message) for message in UNHEEDED),
    pytest.mark.filterwarnings("ignore"),  # of the packages
]

X = np.random.default_rng(0).standard_normal((60, 3))


def explained(function):
    explainer = shap.KernelExplainer(function, X[:10])
    return explainer.shap_values(X[10:15], silent=True), explainer.expected_value


def test_shap_values_of_a_linear_network_are_its_products():
    net = dl.Network([3, 1], output_activation="identity", weights=[[[1.0], [-2.0], [0.0]]])
    values, expected = explained(net.forward)
    products = (X[10:15] - X[:10].mean(axis=0)) * net.weights[0].ravel()
    np.testing.assert_allclose(values[..., 0], products, atol=1e-9)
    np.testing.assert_allclose(expected, net.forward(X[:10]).mean(axis=0))


def test_shap_values_of_a_classifier_add_up_to_its_probabilities():
    classifier = MLPClassifier((4,), max_iter=50, random_state=0).fit(X, X[:, 0] > 0)
    values, expected = explained(classifier.predict_proba)
    total = values.sum(axis=1) + expected
    np.testing.assert_allclose(total, classifier.predict_proba(X[10:15]), atol=1e-6)
