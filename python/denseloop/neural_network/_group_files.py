"""The networks of fitted groups, as fields and arrays of a file."""

import numpy as np
from sklearn.base import is_classifier

from denseloop._files.fields import Fields
from denseloop._files.layers import (
    fill_parameters,
    layer_tensors,
    layers_from_json,
    layers_to_json,
    take_layers,
)
from denseloop._files.networks import layers_of, parsed
from denseloop._files.training import FLOAT64
from denseloop.network import Network
from denseloop.neural_network._parameter_values import (
    check_classes,
    labels_from_json,
    labels_to_json,
)
from denseloop.neural_network._perceptron_files import feature_names
from denseloop.neural_network._saving import Saved


class SavedGroups(Saved):
    """A mixin for an estimator with a network for each group, which lie in one array."""

    _fitted_attribute = "parameters_"

    def _fit_to_file(self):
        layers = layers_of(self._first)
        if self.n_features_in_ != self._columns(layers.layer_sizes[0]):
            raise ValueError(
                f"save needs the group_column of the fit, got group_column={self.group_column!r}, "
                f"which was set after it; joblib.dump keeps any"
            )
        fitted = {
            "n_iter_": self.n_iter_.tolist(),
            "seed": str(self._first.seed),
            "groups": None if self.groups_ is None else labels_to_json(self.groups_),
        }
        if is_classifier(self):
            fitted["classes"] = labels_to_json(self.classes_)
        else:
            fitted["is_column"] = bool(self._is_column)
        if "feature_names_in_" in vars(self):
            fitted["feature_names_in_"] = list(map(str, self.feature_names_in_))
        tensors = layer_tensors(layers, self.parameters_)
        tensors["losses"] = np.asarray(self.losses_, FLOAT64)
        if self.pooled_parameters_ is not None:
            tensors |= layer_tensors(layers, self.pooled_parameters_, "pooled.")
        return {"architecture": layers_to_json(layers), "fitted": fitted}, tensors

    def _columns(self, n_inputs):
        """Return the number of columns of X, one of which may have the groups."""
        return n_inputs + (self.group_column is not None)

    def _fit_from_file(self, contents, tensors):
        architecture, given = parsed(contents, "architecture"), parsed(contents, "fitted")
        layers = layers_from_json(architecture)
        architecture.end()
        groups = given.take("groups")
        if groups is not None:
            groups = labels_from_json(Fields(contents.path, f"{given.where}.groups", groups))
            if not len(groups):
                given.refuse("groups", "null, or at least one group", [])
        count = 1 if groups is None else len(groups)
        n_inputs = layers.layer_sizes[0]
        found = {
            "groups_": groups,
            "n_features_in_": self._columns(n_inputs),
            "n_iter_": np.array(counts(given, count)),
            "losses_": tensors.take("losses", (count,), FLOAT64, may_be_nan=True).copy(),
            "pooled_parameters_": None,
        }
        if is_classifier(self):
            place = Fields(contents.path, f"{given.where}.classes", given.take("classes"))
            found["classes_"] = labels_from_json(place)
            check_classes(given, found["classes_"], layers.layer_sizes[-1])
        else:
            found["_is_column"] = given.flag("is_column")
        if given.has("feature_names_in_"):
            found["feature_names_in_"] = feature_names(given, found["n_features_in_"])
        taken = take_layers(layers, tensors, (count,))
        pooled = None
        if tensors.has("pooled.layers.0.weight"):
            pooled = take_layers(layers, tensors, prefix="pooled.")
        seed = given.integer("seed")
        given.end()
        first = Network.__new__(Network)
        first._build(*layers, seed, None)
        n_parameters = first.parameters.size
        found |= {"_first": first, "parameters_": np.empty((count, n_parameters), layers.dtype)}
        fill_parameters(layers, found["parameters_"], taken)
        if pooled is not None:
            found["pooled_parameters_"] = np.empty(n_parameters, layers.dtype)
            fill_parameters(layers, found["pooled_parameters_"], pooled)
        vars(self).update(found)


def counts(given, n_groups):
    """Return the number of epochs of each group."""
    found = given.items("n_iter_")
    if len(found) != n_groups or not all(type(n) is int and 0 <= n < 1 << 63 for n in found):
        given.refuse("n_iter_", f"a list of {n_groups} integers of at least 0", found)
    return found
