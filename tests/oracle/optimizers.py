"""The oracle's optimizers and learning rates. Each object keeps its own state.

`step(p, g)` returns the new parameters for the parameters p and the gradient g, both vectors.
`continues_after(loss)` ends an epoch, and is false if the training should stop.
"""

import numpy as np


class GradientDescent:
    def __init__(self, rate, momentum=0.0, nesterov=False):
        self.rate, self.momentum, self.nesterov = rate, momentum, nesterov
        self.velocity = 0.0

    def step(self, p, g):
        self.velocity = self.momentum * self.velocity - self.rate * g
        if self.nesterov:
            return p + self.momentum * self.velocity - self.rate * g
        return p + self.velocity


class Adam:
    """Algorithm 1 of Kingma & Ba (2015), in the more efficient order of their section 2."""

    def __init__(self, rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        self.rate, self.beta_1, self.beta_2, self.epsilon = rate, beta_1, beta_2, epsilon
        self.m = self.v = 0.0
        self.t = 0

    def step(self, p, g):
        self.t += 1
        self.m = self.beta_1 * self.m + (1 - self.beta_1) * g
        self.v = self.beta_2 * self.v + (1 - self.beta_2) * g**2
        rate = self.rate * np.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        return p - rate * self.m / (np.sqrt(self.v) + self.epsilon)


class RPROP:
    """iRPROP- of Igel & Huesken (2000)."""

    def __init__(
        self, initial_step=0.1, increase=1.2, decrease=0.5, smallest_step=1e-6, largest_step=50.0
    ):
        self.steps, self.increase, self.decrease = initial_step, increase, decrease
        self.smallest_step, self.largest_step = smallest_step, largest_step
        self.previous = 0.0

    def step(self, p, g):
        same, changed = g * self.previous > 0, g * self.previous < 0
        grown = np.minimum(self.steps * self.increase, self.largest_step)
        shrunk = np.maximum(self.steps * self.decrease, self.smallest_step)
        self.steps = np.select([same, changed], [grown, shrunk], self.steps)
        self.previous = np.where(changed, 0.0, g)
        return p - np.sign(self.previous) * self.steps


class InverseScaling:
    def __init__(self, initial, power=0.5):
        self.initial, self.power, self.epoch = initial, power, 0

    @property
    def rate(self):
        return self.initial / (1 + self.epoch) ** self.power

    def continues_after(self, loss):
        self.epoch += 1
        return True


class Adaptive:
    def __init__(self, initial, divisor=5.0, patience=10, tolerance=1e-4, smallest=1e-6):
        self.rate, self.divisor, self.smallest = initial, divisor, smallest
        self.patience = Patience(patience, tolerance)

    def continues_after(self, loss):
        if self.patience.is_exhausted_after(loss):
            if self.rate / self.divisor < self.smallest:
                return False
            self.rate /= self.divisor
            self.patience.epochs = 0
        return True


class Patience:
    """Counts the epochs since the loss last fell more than the tolerance below its lowest."""

    def __init__(self, patience, tolerance):
        self.patience, self.tolerance = patience, tolerance
        self.lowest, self.epochs = np.inf, 0

    def is_exhausted_after(self, loss):
        self.epochs = 0 if loss < self.lowest - self.tolerance else self.epochs + 1
        self.lowest = min(self.lowest, loss)
        return self.epochs >= self.patience
