"""denseloop's perceptrons in place of scikit-learn's, for a program that cannot be edited."""

import copyreg

__all__ = ["Acceleration", "accelerate_sklearn"]


def accelerate_sklearn() -> "Acceleration":
    """Put `denseloop.neural_network`'s classes in place of scikit-learn's.

    From then on, ``from sklearn.neural_network import MLPClassifier, MLPRegressor`` finds
    denseloop's, which are subclasses of scikit-learn's and give the same numbers. Whoever imported
    a class before keeps scikit-learn's: call this first. ``denseloop accelerate script.py`` does
    so for a whole program.

    Pickles name denseloop's classes, so they need denseloop where they are read, accelerated or
    not; joblib's workers so have them too. That includes copies and pickles of estimators whose
    class was imported before. Pickles that scikit-learn's estimators wrote are read as denseloop's,
    and predict and train on as before. A process that starts afresh and imports scikit-learn by
    itself is not accelerated.

    Returns
    -------
    Acceleration
        Its `undo` puts scikit-learn's classes back; so does the end of a ``with``. Where it was
        called several times, the last of these to be undone does it.

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
        # By its name, pickle would now find another class than that of the estimator.
        copyreg.pickle(theirs, lambda estimator, ours=ours: (ours, (), estimator.__getstate__()))
    _active.add(acceleration)
    return acceleration


class Acceleration:
    """What `accelerate_sklearn` returns; usable in a ``with``.

    Examples
    --------
    >>> import denseloop
    >>> acceleration = denseloop.accelerate_sklearn()
    >>> acceleration.undo()
    """

    def undo(self) -> None:
        """End this acceleration. A second time does nothing."""
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


def _replacements():
    """Scikit-learn's class, ours, and the modules that name it, for each of them."""
    from denseloop import neural_network as ours  # first, since its error tells of the version
    from denseloop.neural_network._scikit_learn import PERCEPTRON_MODULES

    for mine in (ours.MLPClassifier, ours.MLPRegressor):
        theirs = mine.__bases__[-1]
        yield theirs, mine, PERCEPTRON_MODULES
