"""The choice between the core and scikit-learn's own loop for sparse samples."""

from scipy.sparse import issparse

from denseloop.neural_network._optimizer import CoreOptimizer

# The choices that scikit-learn's own loop knows; the sigmoid by its name "logistic".
SCIKIT_LEARN_CHOICES = {
    "solver": ("sgd", "adam", "lbfgs"),
    "loss": ("log_loss", "squared_error", "poisson"),
    "activation": ("identity", "logistic", "sigmoid", "tanh", "relu"),
    "stopping_criterion": ("score",),
}
LEAST_VALUES = 1 << 20  # fewer are converted to a dense array
DENSE_SPEEDUP = 16  # of a product by the core, against a sparse one per stored value


def suits_scikit_learn(estimator, X, incremental):
    """Return whether scikit-learn can fit X, and faster by its products of sparse matrices."""
    if not issparse(X):
        return False
    if incremental and isinstance(vars(estimator).get("_optimizer"), CoreOptimizer):
        return False  # the core has begun this training and continues it
    if hasattr(estimator, "_skl_callbacks"):
        return False  # scikit-learn's loop does not call them
    known = all(
        getattr(estimator, name) in choices for name, choices in SCIKIT_LEARN_CHOICES.items()
    )
    n_values = X.shape[0] * X.shape[1]
    return known and n_values > LEAST_VALUES and DENSE_SPEEDUP * X.nnz < n_values
