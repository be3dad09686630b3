"""What emlearn's C for the estimators cannot do is refused, and what it can do is passed on.

emlearn looks an estimator up by the name of its class, and has no table to register with. It reads
`activation` as one name for all hidden layers.
"""

from emlearn import net

from denseloop.neural_network._network import SCIKIT_LEARN_NAMES, layer_activations


def check_conversions(classes):
    """Put a check for these classes in front of emlearn's conversion of perceptrons."""
    theirs = net.convert_sklearn_mlp

    def convert_sklearn_mlp(model, method, **options):
        if not isinstance(model, tuple(classes)):
            return theirs(model, method, **options)
        return _convert(model, method, options)

    net.convert_sklearn_mlp = convert_sklearn_mlp


def _convert(model, method, options):
    names = [SCIKIT_LEARN_NAMES.get(name, name) for name in layer_activations(model)]
    for k, name in enumerate(names):
        if name not in net.ACTIVATION_FUNCTIONS:
            raise ValueError(
                f"emlearn has C for the activations {net.ACTIVATION_FUNCTIONS}, got {name!r} in "
                f"layer {k + 1} of {len(names)}; to_c has C for all of denseloop's"
            )
    if len(names) < 2:
        raise ValueError(
            "emlearn needs at least one hidden layer, got none; to_c takes a network without"
        )
    labels = getattr(model, "_label_binarizer", None)
    if labels is not None and labels.y_type_.startswith("multilabel"):
        raise ValueError(
            f"emlearn predicts one class of each sample, got a classifier of "
            f"{model.n_outputs_} labels; to_c has their probabilities"
        )
    return net.Wrapper(names, model.coefs_, model.intercepts_, classifier=method, **options)
