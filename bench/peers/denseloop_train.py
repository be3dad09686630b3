"""denseloop itself: a training is a single call.

Its threads stay on the CPUs that the process is pinned to, as those of the other libraries do.
"""

from functools import cache

from denseloop import Adam, GradientDescent, Network

NAME = "denseloop"
LIBRARIES = ["denseloop"]


def variants(case, threads):
    objective = {"loss": case.loss, "reduction": case.reduction}
    batches = {} if case.batch_size is None else {"batch_size": case.batch_size}
    optimizers = {"descent": GradientDescent, "adam": Adam}

    def make_network():
        return Network(
            case.layer_sizes,
            bias=bool(case.biases),
            activation=case.activation,
            output_activation=case.output_activation,
            dtype=case.dtype,
            weights=case.weights,
            biases=case.biases or None,
        )

    def train(epochs):
        network = make_network()  # with a new optimizer state
        history = network.train(
            case.X,
            case.y,
            optimizer=optimizers[case.optimizer](case.learning_rate),
            epochs=epochs,
            update_order=case.update_order,
            **objective,
            **batches,
        )
        return history.loss, [*network.weights, *network.biases]

    network = make_network()

    def gradients(calls):
        losses = []
        for _ in range(calls):
            loss, result = network.loss_and_gradients(case.X, case.y, **objective)
            losses.append(loss)
        return losses, [*result.weights, *result.biases]

    @cache
    def prepare():
        return network.objective(case.X, case.y, **objective), make_network()

    def prepared_gradients(calls):
        call, result = prepare()
        losses = []
        for _ in range(calls):
            loss, gradient = call(network.parameters)
            losses.append(loss)
        result.parameters[...] = gradient
        return losses, [*result.weights, *result.biases]

    if case.updates:
        return {"": train}
    return {"prepared": prepared_gradients} if case.prepared else {"": gradients}
