"""What trains many networks of one layout: denseloop in three ways, JAX, PyTorch, scikit-learn.

Each function returns the variants of a contender by their labels. A variant is a function without
arguments that trains networks, the first ones, from their initial parameters, and returns the loss
of each in its last epoch. If it trains only some of the networks, its time is scaled to all.
"""

import copy
from functools import partial
from types import SimpleNamespace

import denseloop
import numpy as np

from bench.harness.names import REFERENCE, SCIKIT_LEARN

FITTED = 20  # networks that scikit-learn trains
OPTIMIZERS = {"adam": denseloop.Adam, "descent": denseloop.GradientDescent}


# ---- denseloop


def options(work, threads):
    """Return the options of `Network.train` without the epochs."""
    optimizer = OPTIMIZERS[work.shape.optimizer](work.shape.learning_rate)
    return {"optimizer": optimizer, "reduction": "mean", "num_threads": threads}


def last_losses(histories):
    return np.array([history.loss[-1] for history in histories])


def together(work, threads):
    chosen = options(work, threads) | {"epochs": work.shape.epochs}
    return {"": lambda: last_losses(work.new_networks().train(work.X, work.y, **chosen))}


def one_by_one(work, threads):
    chosen = options(work, threads) | {"epochs": work.shape.epochs}

    def train():
        networks = enumerate(work.new_networks())
        return last_losses([n.train(*work.samples_of(k), **chosen) for k, n in networks])

    return {"": train}


def loop_alone(work, threads):
    """Return prepared epochs of one network, which go on from call to call."""
    network = work.new_networks()[0]
    trainer = network.trainer(*work.samples_of(0), **options(work, threads))
    return {"1 network": lambda: last_losses([trainer.run(work.shape.epochs)])}


# ---- Other libraries


def jax_variants(work, threads):
    """Return the whole training under `vmap`, as one compiled function."""
    import jax
    from jax import numpy as jnp

    from bench.peers import jax_loop

    def make(samples_last):
        step = partial(jax_loop.step, work.one, jnp.matmul, samples_last)

        def train(state, X, y):
            def epoch(state, _):
                loss, state = step(state, X, y)
                return state, loss

            return jax.lax.scan(epoch, state, length=work.shape.epochs)

        axis = 0 if work.shape.own else None
        compiled = jax.jit(jax.vmap(train, in_axes=(0, axis, axis)))
        parameters = jax.tree.map(jnp.array, (work.weights, work.biases))
        slots = None
        if work.shape.optimizer == "adam":
            zeros = partial(jax.tree.map, jnp.zeros_like)
            slots = zeros(parameters), zeros(parameters), jnp.zeros(work.shape.count, work.dtype)
        X, y = (jnp.array(a.swapaxes(-1, -2) if samples_last else a) for a in (work.X, work.y))

        def run():
            _, losses = jax.block_until_ready(compiled((parameters, slots), X, y))
            return np.asarray(losses)[:, -1] * work.one.loss_weight

        return run

    return {"vmap, samples first": make(False), "vmap, samples last": make(True)}


def torch_variants(work, threads):
    """Return gradients by `torch.func` for all networks at once, and updates of all."""
    import torch

    from bench.peers import torch_steps

    torch.set_num_threads(threads)
    first = [torch.tensor(array) for array in work.weights + work.biases]
    X, y = torch.tensor(work.X), torch.tensor(work.y)
    n_layers, axis = len(work.weights), 0 if work.shape.own else None

    def loss(parameters, X, y):
        weights, biases = parameters[:n_layers], parameters[n_layers:]
        a = torch_steps.forward(work.one, weights, biases, X)[-1]
        return torch_steps.summed_loss(work.one, a, y) * work.one.loss_weight

    step = torch.func.vmap(torch.func.grad_and_value(loss), in_dims=(0, axis, axis))

    @torch.no_grad()
    def run():
        parameters = [array.clone() for array in first]
        slots = [[torch.zeros_like(array) for array in first] for _ in range(2)]
        data = SimpleNamespace(parameters=parameters, updates=torch.zeros(()))
        data.means, data.squares = slots
        for _ in range(work.shape.epochs):
            gradients, losses = step(parameters, X, y)
            if work.shape.optimizer == "adam":
                torch_steps.fused_adam(work.one, data, gradients)
            else:
                torch._foreach_add_(parameters, gradients, alpha=-work.shape.learning_rate)
        return losses.numpy()

    return {"torch.func": run}


def scikit_learn_variants(work, threads):
    """Return fits of the first networks by joblib, where outputs are the identity."""
    from sklearn.neural_network import MLPRegressor
    from sklearn.utils.parallel import Parallel, delayed

    if work.shape.output_activation != "identity":
        return {}
    model = MLPRegressor(
        hidden_layer_sizes=work.shape.layer_sizes[1:-1],
        activation="logistic",
        alpha=0.0,
        batch_size=work.shape.samples,
        learning_rate_init=work.shape.learning_rate,
        shuffle=False,
        max_iter=1,
        n_iter_no_change=np.inf,
        warm_start=True,
    )
    X, y = work.X, work.y.ravel()
    model.fit(X, y).set_params(max_iter=work.shape.epochs)  # has parameters to replace
    fits = [delayed(fit)(model, X, y, *work.parameters_of(k)) for k in range(FITTED)]

    def run():
        return np.array(Parallel(n_jobs=threads)(fits))

    return {f"{FITTED} networks": run}


def fit(model, X, y, weights, biases):
    """Fit a copy of the estimator from these parameters; return the loss of the last epoch."""
    model = copy.deepcopy(model)
    model.coefs_, model.intercepts_ = [w.copy() for w in weights], [b.copy() for b in biases]
    return model.fit(X, y).loss_curve_[-1]


# By name: the function, and the module that it needs.
CONTENDERS = {
    REFERENCE: (together, "denseloop"),
    "one by one": (one_by_one, "denseloop"),
    "the loop alone": (loop_alone, "denseloop"),
    "JAX": (jax_variants, "jax"),
    "PyTorch": (torch_variants, "torch"),
    SCIKIT_LEARN: (scikit_learn_variants, "sklearn"),
}
