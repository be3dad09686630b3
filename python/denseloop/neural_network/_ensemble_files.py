"""The members of a fitted ensemble, as fields and arrays of a file."""

import numpy as np
from sklearn.base import is_classifier

from denseloop._files.fields import Fields
from denseloop._files.networks import parsed
from denseloop._files.training import FLOAT64
from denseloop.neural_network._parameter_values import labels_from_json, labels_to_json
from denseloop.neural_network._perceptron_files import (
    feature_names,
    fit_from_file,
    perceptron_to_file,
)
from denseloop.neural_network._saving import Saved, new_estimator, parameters_to_json

OUT_OF_BAG = ("oob_prediction_", "oob_decision_function_")


class SavedEnsemble(Saved):
    """A mixin for an ensemble. Which samples its members were fitted to is not saved."""

    _fitted_attribute = "estimators_"

    def _fit_to_file(self):
        members, tensors = [], {}
        for k, member in enumerate(self.estimators_):
            described, more = perceptron_to_file(member, f"members.{k}.")
            members.append({"parameters": parameters_to_json(member), **described})
            tensors |= more
        fitted = {"members": members}
        if hasattr(self, "oob_score_"):
            fitted["oob_score_"] = float(self.oob_score_).hex()
        if is_classifier(self):
            fitted["classes"] = labels_to_json(self.classes_)
        if "feature_names_in_" in vars(self):
            fitted["feature_names_in_"] = list(map(str, self.feature_names_in_))
        for name in OUT_OF_BAG:
            if name in vars(self):
                tensors[name] = np.asarray(vars(self)[name], FLOAT64)
        return {"fitted": fitted}, tensors

    def _fit_from_file(self, contents, tensors):
        given = parsed(contents, "fitted")
        members = [
            self._member(contents, k, described, tensors)
            for k, described in enumerate(given.items("members"))
        ]
        # The member of a classifier may know fewer classes than its ensemble.
        sizes = {(m.n_features_in_, None if is_classifier(self) else m.n_outputs_) for m in members}
        if len(sizes) != 1:
            given.refuse("members", "at least one, all of the same inputs and outputs", sizes)
        n_inputs = members[0].n_features_in_
        found = {
            "estimators_": members,
            "estimators_features_": [np.arange(n_inputs) for _ in members],
            "estimator_": self._get_estimator(),
            "n_features_in_": n_inputs,
        }
        if given.has("oob_score_"):
            text = given.text("oob_score_")
            found["oob_score_"] = given.checked("oob_score_", float.fromhex, text)
        if is_classifier(self):
            labels = labels_from_json(
                Fields(contents.path, f"{given.where}.classes", given.take("classes"))
            )
            if not all(are_indices(member, len(labels)) for member in members):
                given.refuse("members", f"of classes below {len(labels)}, one output for all", "no")
            found |= {"classes_": labels, "n_classes_": len(labels)}
        if given.has("feature_names_in_"):
            found["feature_names_in_"] = feature_names(given, n_inputs)
        for name in OUT_OF_BAG:
            if tensors.has(name):
                found[name] = tensors.take(
                    name, (-1,) * tensors.n_axes(name), FLOAT64, may_be_nan=True
                ).copy()
        given.end()
        vars(self).update(found)

    def _member(self, contents, k, described, tensors):
        where = f"fitted.members[{k}]"
        given = Fields(contents.path, where, described)
        parts = {
            name: Fields(contents.path, f"{where}.{name}", given.take(name))
            for name in ("parameters", "architecture", "fitted")
        }
        given.end()
        member = new_estimator(self._member_class, parts["parameters"])
        fit_from_file(member, parts["architecture"], parts["fitted"], tensors, f"members.{k}.")
        return member


def are_indices(member, n_classes):
    """Return whether the classes of a member number those of its ensemble."""
    classes = member.classes_
    return (
        member._label_binarizer.y_type_ != "multilabel-indicator"
        and classes.dtype.kind == "i"
        and len(classes) > 1
        and 0 <= classes.min() <= classes.max() < n_classes
    )
