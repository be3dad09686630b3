"""PyTorch: autograd, backpropagation by hand in place, and backpropagation by hand compiled.

For a small network the number of calls decides. In place, every result has its buffer, and a layer
takes two calls forward and four backward. Compiled, several epochs of a small network are unrolled
into one graph, which Inductor's C++ wrapper runs without returning to Python.
"""

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


def variants(case, threads):
    if case.optimizer != "descent":
        return {}
    torch.set_num_threads(threads)
    torch.compiler.reset()  # earlier cases count towards its limit of compilations per function
    makers = {"by hand in place": in_place, COMPILED[epochs_per_graph(case)]: compiled}
    if case.update_order == "simultaneous":
        makers["autograd"] = autograd
    return {label: make_run(case, make) for label, make in makers.items()}


def epochs_per_graph(case):
    forward = len(case.X) * sum(w.size for w in case.weights)
    return UNROLLED if forward < SMALL and case.updates else 1


class Data:
    """The case as tensors."""

    def __init__(self, case):
        self.first = [torch.tensor(array) for array in case.weights + case.biases]
        self.parameters = [array.clone() for array in self.first]
        self.weights = self.parameters[: len(case.weights)]
        self.biases = self.parameters[len(case.weights) :]
        self.batches = [(torch.tensor(case.X[b]), torch.tensor(case.y[b])) for b in case.batches]
        rate = case.learning_rate if case.updates else 1.0
        self.rates = [rate * case.gradient_weight(b) for b in case.batches]
        # Factors from the difference of outputs and targets to the delta times the learning rate.
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
        softmax = case.output_activation == "softmax" and k == len(weights) - 1
        activations.append(torch.softmax(z, 1) if softmax else torch.sigmoid(z))
    return activations


def summed_loss(case, a, y):
    if case.loss == "cross_entropy":
        return -(y * torch.log(a)).sum()
    return case.square_factor * torch.square(a - y).sum()


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
                gradients[:] = torch.autograd.grad(loss, data.parameters)
                if case.updates:
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

    def update(k, gradient):
        if case.updates:
            data.parameters[k].sub_(gradient)
        else:
            gradients[k].copy_(gradient)

    def step(X, y, delta_factor):
        *activations, a = forward(case, weights, biases, X)
        loss = summed_loss(case, a, y)
        delta = (a - y) * delta_factor
        if case.loss != "cross_entropy":
            delta = delta * a * (1 - a)
        for k in reversed(range(len(weights))):
            a = activations[k]
            below = delta @ weights[k].T if k > 0 and not output_first else None
            update(k, a.T @ delta)
            if biases:
                update(len(weights) + k, delta.sum(0))
            if k > 0:
                below = delta @ weights[k].T if output_first else below
                delta = below * a * (1 - a)
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
    multiply_by_slope = torch.ops.aten.sigmoid_backward.grad_input
    simultaneous = case.update_order == "simultaneous"

    def forward_in_place(b):
        for k, (inputs, w, a) in enumerate(zip(b.inputs, weights, b.activations)):
            if biases:
                torch.addmm(biases[k], inputs, w, out=a)
            else:
                torch.mm(inputs, w, out=a)
            if k == last and case.output_activation == "softmax":
                torch.softmax(a, 1, out=a)
            else:
                a.sigmoid_()

    def loss_and_delta(b, y, factor):
        a, delta = b.activations[-1], b.deltas[-1]
        torch.sub(a, y, out=delta)
        if case.loss == "cross_entropy":
            torch.log(a, out=b.log)
            loss = -torch.dot(y.view(-1), b.log.view(-1))
        else:
            loss = torch.dot(delta.view(-1), delta.view(-1)) * case.square_factor
            multiply_by_slope(delta, a, grad_input=delta)
        if factor != 1:
            delta.mul_(factor)
        return loss

    def update(b, k):
        if case.updates:
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
                multiply_by_slope(b.deltas[k - 1], b.activations[k - 1], grad_input=b.deltas[k - 1])
        return loss

    @torch.inference_mode()
    def epochs(times):
        return [sum(step(*batch) for batch in batches) for _ in range(times)]

    return epochs, gradients
