"""Training samples in the memory of this process, as the solvers take them."""

from denseloop.neural_network._loss import PoissonConstants, loss_constant


class Samples:
    """Samples that have been checked, in the dtype of the training.

    Others may lie elsewhere, and have the same methods: see `denseloop._dask`.

    Attributes
    ----------
    arrays : tuple
        X, which may be sparse, y (n_samples, n_outputs), and the sample weights or None, as the
        core takes them.
    """

    def __init__(self, X, y, sample_weight):
        self.arrays = X, y, sample_weight

    def __len__(self):
        return len(self.arrays[0])

    def loss_constant(self, estimator):
        """Return scikit-learn's mean loss over the samples minus the core's."""
        return loss_constant(estimator, *self.arrays[1:])

    def poisson_constants(self, batch_size):
        """Return scikit-learn's Poisson loss minus the core's, for the epochs of a training."""
        return PoissonConstants(*self.arrays[1:], batch_size)

    def train(self, network, optimizer, epochs, validation, callback, loss):
        """Train the Network; `loss` has its options about the loss."""
        X, y, sample_weight = self.arrays
        network.train(
            X,
            y,
            optimizer=optimizer,
            epochs=epochs,
            sample_weight=sample_weight,
            eval_set=validation.arrays if validation else None,
            callback=callback,
            **loss,
        )

    def loss(self, network, options):
        """Return the loss of the Network, with its options."""
        X, y, sample_weight = self.arrays
        return network.loss_and_gradients(X, y, sample_weight=sample_weight, **options)[0]
