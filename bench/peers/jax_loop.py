"""JAX: the whole training is one compiled function; the loss with its gradients is another.

The speed of XLA's code depends on the memory layout, so there is a variant with the samples along
the last axis and one with the samples along the first. For narrow networks a third one replaces
matrix products by sums of products.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)  # allows float64; float32 stays float32

NAME = "JAX"
LIBRARIES = ["jax", "jaxlib"]
NARROW = 100  # weights; far above this sums of products are several times slower


# Each activation, and its derivative from its output.
ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "identity": lambda z: z}
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "identity": lambda a: 1}


def sums_of_products(a, b):
    return (a[:, :, None] * b).sum(axis=1)


def variants(case, threads):
    options = {"samples last": (jnp.matmul, True), "samples first": (jnp.matmul, False)}
    if sum(w.size for w in case.weights) < NARROW:
        options["samples last, sums of products"] = (sums_of_products, True)
    make = training if case.updates else gradients
    return {label: make(case, *chosen) for label, chosen in options.items()}


def forward(case, product, samples_last, parameters, X):
    """Return the input and the activations of all layers."""
    weights, biases = parameters
    activations = [X]
    for k, w in enumerate(weights):
        z = product(w.T, activations[-1]) if samples_last else product(activations[-1], w)
        if biases:
            z += biases[k][:, None] if samples_last else biases[k]
        if case.activations[k] == "softmax":
            activations.append(jax.nn.softmax(z, axis=0 if samples_last else 1))
        else:
            activations.append(ACTIVATIONS[case.activations[k]](z))
    return activations


def summed_loss(case, a, y):
    if case.loss == "cross_entropy":
        return -(y * jnp.log(a)).sum()
    return case.square_factor * jnp.square(a - y).sum()


def step(case, product, samples_last, state, X, y):
    """Return the summed loss before an update, and the state after it.

    Backpropagation is written by hand: autodiff gives the same kernels, but cannot compute the
    hidden gradients from the new output weights. The state is the parameters and, for Adam, its
    slots: both moments and the number of updates.
    """
    parameters, slots = state
    weights, biases = parameters
    *activations, a = forward(case, product, samples_last, parameters, X)
    loss = summed_loss(case, a, y)
    samples_axis = 1 if samples_last else 0
    delta = a - y
    if case.loss != "cross_entropy":
        delta *= SLOPES[case.output_activation](a) * (2 * case.square_factor)
    rate = case.learning_rate if case.optimizer == "descent" else 1.0
    delta *= rate / X.shape[samples_axis] if case.reduction == "mean" else rate
    weight_steps, bias_steps = [], []
    for k in reversed(range(len(weights))):
        a = activations[k]
        weight_steps.insert(0, product(a, delta.T) if samples_last else product(a.T, delta))
        if biases:
            bias_steps.insert(0, delta.sum(axis=samples_axis))
        if k > 0:
            w = weights[k] - weight_steps[0] if case.update_order == "output_first" else weights[k]
            delta = product(w, delta) if samples_last else product(delta, w.T)
            delta *= SLOPES[case.activation](a)
    if case.optimizer == "descent":
        return loss, (jax.tree.map(jnp.subtract, parameters, (weight_steps, bias_steps)), slots)
    return loss, adam(case.learning_rate, parameters, slots, (weight_steps, bias_steps))


def adam(rate, parameters, slots, gradients):
    means, squares, updates = slots
    updates += 1
    means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
    squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, gradients)
    rate *= jnp.sqrt(1 - 0.999**updates) / (1 - 0.9**updates)
    parameters = jax.tree.map(
        lambda p, m, v: p - (rate * m / (jnp.sqrt(v) + 1e-8)).astype(p.dtype),
        parameters,
        means,
        squares,
    )
    return parameters, (means, squares, updates)


def stack_batches(case, array, samples_last):
    """Return the full batches in one array, and the last one if it is smaller, else None."""
    batches = [array[batch].T if samples_last else array[batch] for batch in case.batches]
    short = batches.pop() if batches[-1].shape != batches[0].shape else None
    return jnp.array(batches), None if short is None else jnp.array(short)


def training(case, product, samples_last):
    one_step = partial(step, case, product, samples_last)
    (X, X_short), (y, y_short) = (stack_batches(case, a, samples_last) for a in (case.X, case.y))

    @partial(jax.jit, static_argnums=0)
    def train(epochs, state, X, y, X_short, y_short):
        def batch_step(state, batch):
            loss, state = one_step(state, *batch)
            return state, loss

        def epoch(k, progress):
            state, losses = progress
            state, batch_losses = jax.lax.scan(batch_step, state, (X, y))
            loss = batch_losses.sum()
            if X_short is not None:
                short_loss, state = one_step(state, X_short, y_short)
                loss += short_loss
            return state, losses.at[k].set(loss * case.loss_weight)

        return jax.lax.fori_loop(0, epochs, epoch, (state, jnp.zeros(epochs, case.dtype)))

    parameters = jax.tree.map(jnp.array, (case.weights, case.biases))
    slots = None
    if case.optimizer == "adam":
        zeros = partial(jax.tree.map, jnp.zeros_like)
        slots = zeros(parameters), zeros(parameters), jnp.zeros((), case.dtype)

    def run(epochs):
        done = train(epochs, (parameters, slots), X, y, X_short, y_short)
        (((weights, biases), _), losses) = jax.block_until_ready(done)
        return losses, weights + biases

    return run


def gradients(case, product, samples_last):
    X, y = (jnp.array(a.T if samples_last else a) for a in (case.X, case.y))
    parameters = jax.tree.map(jnp.array, (case.weights, case.biases))

    def loss(parameters, X, y):
        a = forward(case, product, samples_last, parameters, X)[-1]
        return summed_loss(case, a, y)

    compiled = jax.jit(jax.value_and_grad(loss))

    def run(calls):
        losses = []
        for _ in range(calls):
            loss, result = jax.block_until_ready(compiled(parameters, X, y))
            losses.append(loss)
        return np.array(losses), result[0] + result[1]

    return run
