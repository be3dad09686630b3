"""PyTorch: autograd, backpropagation by hand in place, and backpropagation by hand compiled.

For a small network the number of calls decides. In place, every result has its buffer, and a layer
takes two calls forward and four backward. Compiled, several epochs of a small network are unrolled
into one graph, which Inductor's C++ wrapper runs without returning to Python.
"""

import math
import warnings

import torch

NAME = "PyTorch"
LIBRARIES = ["torch"]
UNROLLED = 32  # epochs of a small network in one graph
COMPILED = {1: "by hand, compiled", UNROLLED: f"by hand, {UNROLLED} epochs compiled"}
SLOW = COMPILED.values()
SMALL = 10_000  # multiply-adds of a forward pass

# It warns that its caches are off, which bench/harness/pin.py has done on purpose.
warnings.filterwarnings("ignore", message="dynamo_pgo force disabled")


# Each activation, and its derivative from its output.
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda z: torch.softmax(z, 1),
    "identity": lambda z: z,
}
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "identity": lambda a: 1.0}

# The same in place.
ACTIVATE = {
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
    "softmax": lambda z: torch.softmax(z, 1, out=z),
    "identity": lambda z: z,
}
MULTIPLY_BY_SLOPE = {
    "sigmoid": lambda delta, a: torch.ops.aten.sigmoid_backward.grad_input(
        delta, a, grad_input=delta
    ),
    "tanh": lambda delta, a: torch.ops.aten.tanh_backward.grad_input(delta, a, grad_input=delta),
    "identity": lambda delta, a: delta,
}


def variants(case, threads):
    torch.set_num_threads(threads)
    torch.compiler.reset()  # earlier cases count towards its limit of compilations per function
    makers = {"by hand in place": in_place, COMPILED[epochs_per_graph(case)]: compiled}
    if case.update_order == "simultaneous":
        makers["autograd"] = autograd
    return {label: make_run(case, make) for label, make in makers.items()}


def epochs_per_graph(case):
    forward = len(case.X) * sum(w.size for w in case.weights)
    unrolls = forward < SMALL and case.updates and case.optimizer == "descent"
    return UNROLLED if unrolls else 1  # Adam's graph would be several times as long


class Data:
    """The case as tensors."""

    def __init__(self, case):
        self.first = [torch.tensor(array) for array in case.weights + case.biases]
        self.parameters = [array.clone() for array in self.first]
        self.weights = self.parameters[: len(case.weights)]
        self.biases = self.parameters[len(case.weights) :]
        self.batches = [(torch.tensor(case.X[b]), torch.tensor(case.y[b])) for b in case.batches]
        rate = case.learning_rate if case.updates and case.optimizer == "descent" else 1.0
        self.rates = [rate * case.gradient_weight(b) for b in case.batches]
        self.means, self.squares = ([torch.zeros_like(p) for p in self.first] for _ in range(2))
        self.updates = torch.zeros(())
        # Factors from the difference of outputs and targets to the delta times the learning rate,
        # which Adam applies itself.
        square = 1.0 if case.loss == "cross_entropy" else 2 * case.square_factor
        self.delta_factors = [rate * square for rate in self.rates]


def make_run(case, make):
    """Return the function `run(times)` of a variant.

    `make(case, data)` returns `epochs` and `gradients`: ``epochs(n)`` returns a list of tensors
    with the summed losses of n epochs or calls, and the list `gradients` receives those of the
    last call.
    """
    data = Data(case)
    epochs, gradients = make(case, data)

    def run(times):
        with torch.no_grad():
            for mine, first in zip(data.parameters, data.first):
                mine.copy_(first)
            for slot in (*data.means, *data.squares, data.updates):
                slot.zero_()
        losses = torch.cat([loss.reshape(-1) for loss in epochs(times)]) * case.loss_weight
        arrays = data.parameters if case.updates else gradients
        return losses.numpy(), [array.detach().numpy() for array in arrays]

    return run


def forward(case, weights, biases, X):
    """Return the input and the activations of all layers."""
    activations = [X]
    for k, w in enumerate(weights):
        a = activations[-1]
        z = torch.addmm(biases[k], a, w) if biases else torch.mm(a, w)
        activations.append(ACTIVATIONS[case.activations[k]](z))
    return activations


def summed_loss(case, a, y):
    if case.loss == "cross_entropy":
        return -(y * torch.log(a)).sum()
    return case.square_factor * torch.square(a - y).sum()


@torch.no_grad()
def fused_adam(case, data, gradients):
    """Update all parameters by PyTorch's fused Adam, in the form of its authors.

    They add epsilon to the root of the uncorrected squares, PyTorch to that of the corrected ones.
    """
    t = int(data.updates.add_(1))
    torch._fused_adam_(
        data.parameters,
        gradients,
        data.means,
        data.squares,
        [],
        [data.updates] * len(gradients),
        lr=case.learning_rate,
        beta1=0.9,
        beta2=0.999,
        weight_decay=0.0,
        eps=1e-8 / math.sqrt(1 - 0.999**t),
        amsgrad=False,
        maximize=False,
    )


def autograd(case, data):
    gradients = [None] * len(data.parameters)
    for parameter in data.parameters:
        parameter.requires_grad_()

    def epochs(times):
        losses = []
        for _ in range(times):
            epoch_loss = 0.0
            for (X, y), rate in zip(data.batches, data.rates):
                a = forward(case, data.weights, data.biases, X)[-1]
                loss = summed_loss(case, a, y)
                weighted = loss * rate if case.optimizer == "adam" else loss
                gradients[:] = torch.autograd.grad(weighted, data.parameters)
                if case.updates and case.optimizer == "adam":
                    fused_adam(case, data, gradients)
                elif case.updates:
                    with torch.no_grad():
                        torch._foreach_add_(data.parameters, gradients, alpha=-rate)
                epoch_loss = epoch_loss + loss.detach()
            losses.append(epoch_loss)
        return losses

    return epochs, gradients


def compiled(case, data):
    weights, biases = data.weights, data.biases
    gradients = [torch.empty_like(p) for p in data.parameters]
    output_first = case.update_order == "output_first"
    n_unrolled = epochs_per_graph(case)

    def update(k, gradient, adam_rate):
        if not case.updates:
            gradients[k].copy_(gradient)
        elif case.optimizer == "descent":
            data.parameters[k].sub_(gradient)
        else:
            mean, square = data.means[k], data.squares[k]
            mean.mul_(0.9).add_(0.1 * gradient)
            square.mul_(0.999).add_(0.001 * gradient * gradient)
            data.parameters[k].sub_(adam_rate * mean / (torch.sqrt(square) + 1e-8))

    def adam_rate():
        t = data.updates.add_(1).double()
        rate = case.learning_rate * torch.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return rate.to(weights[0].dtype)

    def step(X, y, delta_factor):
        rate = adam_rate() if case.updates and case.optimizer == "adam" else None
        *activations, a = forward(case, weights, biases, X)
        loss = summed_loss(case, a, y)
        delta = (a - y) * delta_factor
        if case.loss != "cross_entropy":
            delta = delta * SLOPES[case.output_activation](a)
        for k in reversed(range(len(weights))):
            a = activations[k]
            below = delta @ weights[k].T if k > 0 and not output_first else None
            update(k, a.T @ delta, rate)
            if biases:
                update(len(weights) + k, delta.sum(0), rate)
            if k > 0:
                below = delta @ weights[k].T if output_first else below
                delta = below * SLOPES[case.activation](a)
        return loss

    def unrolled_epochs(X, y, delta_factor):
        return torch.stack([step(X, y, delta_factor) for _ in range(n_unrolled)])

    options = {"cpp_wrapper": True}
    one = torch.compile(step, dynamic=False, options=options)
    many = torch.compile(unrolled_epochs, dynamic=False, options=options)

    @torch.no_grad()
    def epochs(times):
        batches = [(*batch, factor) for batch, factor in zip(data.batches, data.delta_factors)]
        losses = []
        if n_unrolled > 1:
            losses += [many(*batches[0]) for _ in range(times // n_unrolled)]
            times %= n_unrolled
        for _ in range(times):
            losses.append(sum(one(*batch) for batch in batches))
        return losses

    return epochs, gradients


class Buffers:
    """Buffers for the results of one batch."""

    def __init__(self, data, X):
        def rows():
            return [X.new_empty(len(X), w.shape[1]) for w in data.weights]

        self.activations, self.deltas = rows(), rows()
        self.inputs = [X, *self.activations[:-1]]
        self.inputs_t = [a.T for a in self.inputs]
        self.deltas_t = [d.T for d in self.deltas]
        self.weights_t = [w.T for w in data.weights]
        self.ones = X.new_ones(len(X))  # multiplying by it is the fastest sum over samples
        self.log = torch.empty_like(self.deltas[-1])


def in_place(case, data):
    weights, biases = data.weights, data.biases
    last = len(weights) - 1
    gradients = [torch.empty_like(p) for p in data.parameters]
    batches = [
        (*batch, factor, Buffers(data, batch[0]))
        for batch, factor in zip(data.batches, data.delta_factors)
    ]
    activate = [ACTIVATE[name] for name in case.activations]
    multiply_by_slope = [MULTIPLY_BY_SLOPE[case.activation]] * last
    descends = case.updates and case.optimizer == "descent"
    simultaneous = case.update_order == "simultaneous"

    def forward_in_place(b):
        for k, (inputs, w, a) in enumerate(zip(b.inputs, weights, b.activations)):
            if biases:
                torch.addmm(biases[k], inputs, w, out=a)
            else:
                torch.mm(inputs, w, out=a)
            activate[k](a)

    def loss_and_delta(b, y, factor):
        a, delta = b.activations[-1], b.deltas[-1]
        torch.sub(a, y, out=delta)
        if case.loss == "cross_entropy":
            torch.log(a, out=b.log)
            loss = -torch.dot(y.view(-1), b.log.view(-1))
        else:
            loss = torch.dot(delta.view(-1), delta.view(-1)) * case.square_factor
            MULTIPLY_BY_SLOPE[case.output_activation](delta, a)
        if factor != 1:
            delta.mul_(factor)
        return loss

    def update(b, k):
        if descends:
            weights[k].addmm_(b.inputs_t[k], b.deltas[k], alpha=-1)
            if biases:
                biases[k].addmv_(b.deltas_t[k], b.ones, alpha=-1)
        else:
            torch.mm(b.inputs_t[k], b.deltas[k], out=gradients[k])
            if biases:
                torch.mv(b.deltas_t[k], b.ones, out=gradients[len(weights) + k])

    @torch.inference_mode()
    def step(X, y, factor, b):
        forward_in_place(b)
        loss = loss_and_delta(b, y, factor)
        for k in range(last, -1, -1):
            if k > 0 and simultaneous:
                torch.mm(b.deltas[k], b.weights_t[k], out=b.deltas[k - 1])
            update(b, k)
            if k > 0:
                if not simultaneous:
                    torch.mm(b.deltas[k], b.weights_t[k], out=b.deltas[k - 1])
                multiply_by_slope[k - 1](b.deltas[k - 1], b.activations[k - 1])
        if case.updates and not descends:
            fused_adam(case, data, gradients)
        return loss

    @torch.inference_mode()
    def epochs(times):
        return [sum(step(*batch) for batch in batches) for _ in range(times)]

    return epochs, gradients
