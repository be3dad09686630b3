"""Makes the estimators known to packages that look up a class by its exact type."""

import logging
import sys
from importlib.abc import MetaPathFinder

from denseloop.neural_network._scikit_learn import base

logger = logging.getLogger("denseloop")


def register_estimators(perceptrons, ensembles):
    """Register the classes with each package of `REGISTRATIONS`, now or once it is imported."""
    functions = {
        name: lambda register=register: register(perceptrons, ensembles)
        for name, register in REGISTRATIONS.items()
    }
    for name in REGISTRATIONS:
        if name in sys.modules:
            register(functions.pop(name), name)
    if functions:
        sys.meta_path.insert(0, AfterImport(functions))


class AfterImport(MetaPathFinder):
    """Calls the functions after the import of the modules that they are named by."""

    def __init__(self, functions):
        self._functions = functions

    def find_spec(self, name, path, target=None):
        """Return what the other finders find, with a Loader, or None for other modules."""
        if name not in self._functions:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, self._functions)
        return spec


class Loader:
    """Loads a module by another loader, and calls the module's function then."""

    def __init__(self, loader, functions):
        self._loader, self._functions = loader, functions

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        """Execute the module, and call the function."""
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        register(self._functions.pop(module.__name__), module.__name__)


def register(function, name):
    """Call the function that registers with a package, whose own import must not fail by it."""
    try:
        function()
    except Exception as error:  # of a version that has changed what is private
        logger.warning("the estimators are unknown to this version of %s: %r", name, error)


def check_activations(estimator):
    """Raise a ValueError for activations that only scikit-learn's own converters lack."""
    if not isinstance(estimator.activation, str) or estimator.activation not in CONVERTED:
        raise ValueError(
            f"only activations of scikit-learn can be converted, {sorted(CONVERTED)}, got "
            f"{estimator.activation!r}"
        )


CONVERTED = set(base.ACTIVATIONS) - {"exp", "softmax"}


def _register_with_skl2onnx(perceptrons, ensembles):
    from denseloop.neural_network._skl2onnx import register_converters

    register_converters([*perceptrons, *ensembles])


def _register_with_emlearn(perceptrons, ensembles):
    from denseloop.neural_network._emlearn import check_conversions

    check_conversions(perceptrons)


def _register_with_hummingbird(perceptrons, ensembles):
    from hummingbird.ml.supported import sklearn_api_operator_name_map
    from onnxconverter_common.registration import get_converter, register_converter

    for ours in perceptrons:
        theirs = get_converter(sklearn_api_operator_name_map[ours.__bases__[-1]])

        def convert(operator, device, extra_config, theirs=theirs):
            check_activations(operator.raw_operator)
            return theirs(operator, device, extra_config)

        alias = sklearn_api_operator_name_map[ours] = f"Denseloop{ours.__name__}"
        register_converter(alias, convert, overwrite=True)


REGISTRATIONS = {
    "emlearn.net": _register_with_emlearn,
    "skl2onnx": _register_with_skl2onnx,
    "hummingbird.ml": _register_with_hummingbird,
}
