"""Replaces scikit-learn's perceptrons by denseloop's in a program that cannot be edited."""

import copyreg
from functools import partial

__all__ = ["Acceleration", "accelerate_sklearn"]


def accelerate_sklearn() -> "Acceleration":
    """Replace scikit-learn's perceptrons by those of `denseloop.neural_network`.

    Afterwards, ``from sklearn.neural_network import MLPClassifier, MLPRegressor`` imports
    denseloop's classes, which are subclasses of scikit-learn's and give the same numbers. Call it
    first: a class that was imported before stays scikit-learn's. ``denseloop accelerate script.py``
    does this for a whole program.

    Pickles and copies name denseloop's classes, even those of estimators whose class was imported
    before. They need denseloop where they are loaded, accelerated or not; joblib's workers thus use
    denseloop too. Pickles of scikit-learn's estimators load as denseloop's, predict the same and
    can continue training. A new process that imports scikit-learn by itself is not accelerated.

    Returns
    -------
    Acceleration
        Handle that restores scikit-learn's classes, by its `undo` or at the end of a ``with``.
        After several calls, the last handle to be undone restores them.

    Raises
    ------
    ImportError
        Without scikit-learn 1.7 or newer.

    Examples
    --------
    >>> import denseloop
    >>> with denseloop.accelerate_sklearn():
    ...     from sklearn.neural_network import MLPClassifier
    >>> MLPClassifier
    <class 'denseloop.neural_network.MLPClassifier'>
    >>> from sklearn.neural_network import MLPClassifier  # once undone
    >>> MLPClassifier
    <class 'sklearn.neural_network._multilayer_perceptron.MLPClassifier'>
    """
    acceleration = Acceleration()
    for theirs, ours, modules in _replacements():
        for module in modules:
            setattr(module, ours.__name__, ours)
        # Pickle looks a class up by its name, which now finds ours.
        copyreg.pickle(theirs, partial(_reduced_to, ours))
    _active.add(acceleration)
    return acceleration


class Acceleration:
    """A replacement of scikit-learn's perceptrons, usable in a ``with``.

    `accelerate_sklearn` makes it.

    Examples
    --------
    >>> import denseloop
    >>> acceleration = denseloop.accelerate_sklearn()
    >>> acceleration.undo()
    """

    def undo(self) -> None:
        """Restore scikit-learn's classes, unless another acceleration is active.

        A second call does nothing.
        """
        if self not in _active:
            return
        _active.remove(self)
        if not _active:
            for theirs, ours, modules in _replacements():
                for module in modules:
                    setattr(module, ours.__name__, theirs)
                del copyreg.dispatch_table[theirs]

    def __enter__(self) -> "Acceleration":
        return self

    def __exit__(self, *raised: object) -> None:
        self.undo()


_active: set[Acceleration] = set()


def _reduced_to(ours, estimator):
    """Return what pickles scikit-learn's estimator as one of ours."""
    return ours, (), estimator.__getstate__()


def _replacements():
    """Yield scikit-learn's class, ours, and the modules that name it, for both perceptrons."""
    from denseloop import neural_network as ours  # first: its error explains an old scikit-learn
    from denseloop.neural_network._scikit_learn import PERCEPTRON_MODULES

    for mine in (ours.MLPClassifier, ours.MLPRegressor):
        theirs = mine.__bases__[-1]
        yield theirs, mine, PERCEPTRON_MODULES
