"""The optimizer of the solvers that update the parameters epoch by epoch.

An estimator's `_optimizer` is one of scikit-learn's. Its numbers can be read and written at any
time, and its arrays are those of the core's state.
"""

from copy import deepcopy
from functools import lru_cache
from math import isfinite
from numbers import Real
from typing import ClassVar

import numpy as np

from denseloop import _core
from denseloop._core_terms import core_optimizer
from denseloop.neural_network._scikit_learn import AdamOptimizer, BaseOptimizer, SGDOptimizer
from denseloop.optimizers import RPROP
from denseloop.parameters import LayerSpan, layer_views

# The parts of a state, in the order in which the core takes them.
STATE = (
    *("slots", "learning_rate", "updates", "epochs", "lowest_loss", "epochs_without_progress"),
    *("beta_1_power", "beta_2_power"),
)


def slot(k, name):
    """Return a property with the arrays of a slot, as the list that scikit-learn has of this name.

    Whatever is in the list counts, and the core takes it over before its next updates. These change
    no array of a list that was read before, as scikit-learn's do not.
    """

    def get(optimizer):
        if name not in optimizer._lists:
            weights, biases = layer_views(optimizer.state.slots[k], optimizer._layers)
            optimizer._lists[name] = [*weights, *biases]
        return optimizer._lists[name]

    def put(optimizer, arrays):
        optimizer._lists[name] = arrays

    return property(get, put)


class CoreOptimizer:
    """What the core needs of an optimizer, as a mixin for scikit-learn's.

    Attributes
    ----------
    state : _core.OptimizerState
        What one training leaves to the next.
    list_names : tuple of str
        Names of scikit-learn's lists of arrays, in the order of the core's slots.
    """

    list_names: ClassVar[tuple[str, ...]] = ()

    def start(self, network, lists, updates=0):
        """Give the optimizer a state for the network: these lists of arrays, and 0 elsewhere."""
        self._layers, self._lists = network.layers, lists
        self.state = _core.OptimizerState.fresh(
            self._first_slots(), network.flat.size, network.dtype == np.float64, 0.0
        )
        self.state.updates = updates

    def state_for_core(self, dtype):
        """Return the state with everything that was written since the last training."""
        slots = self.state.slots
        if self._lists or slots.dtype != dtype:
            slots = slots.astype(dtype)
            for name, arrays in self._lists.items():
                weights, biases = layer_views(slots[self.list_names.index(name)], self._layers)
                for view, array in zip([*weights, *biases], arrays, strict=True):
                    view[...] = array
            self.state.slots, self._lists = slots, {}
        return self.state

    def rates(self, epochs, time_step, n_samples):
        """Return the learning rates (epochs,) of epochs of `n_samples` after `time_step`."""
        return np.array([float(self.learning_rate)] * epochs)

    def end_epochs(self, time_step):
        """Let scikit-learn's schedule lower the rate; one of a huge power is 0."""
        with np.errstate(over="ignore"):
            self.iteration_ends(time_step)

    def _first_slots(self):
        return (0.0,) * len(self.list_names)

    def __getstate__(self):
        """Return the attributes without the core's objects, which skops has no form for."""
        attributes = dict(vars(self))
        if "state" in attributes:
            attributes["state"] = tuple(getattr(self.state, name) for name in STATE)
            attributes["_layers"] = tuple(map(tuple, self._layers))
        return attributes

    def __setstate__(self, attributes):
        if "state" in attributes:
            layers = tuple(LayerSpan(*span) for span in attributes["_layers"])
            state = _core.OptimizerState(*deepcopy(attributes["state"]))
            attributes = attributes | {"state": state, "_layers": layers}
        vars(self).update(attributes)

    def __copy__(self):
        """Return a copy that keeps its arrays, as a copy of scikit-learn's optimizer does."""
        copied = object.__new__(type(self))
        vars(copied).update(vars(self), state=deepcopy(self.state), _lists=dict(self._lists))
        return copied


class CoreSGD(CoreOptimizer, SGDOptimizer):
    """Scikit-learn's optimizer of the solver "sgd"."""

    list_names = ("velocities",)
    velocities = slot(0, "velocities")

    def numbers(self):
        """Return the numbers that the core needs, first the learning rate."""
        return self.learning_rate, self.momentum

    def plan(self):
        """Return the core's plan of the updates. Without momentum they have a velocity too."""
        return sgd_plan(self.momentum, bool(self.nesterov))

    def rates(self, epochs, time_step, n_samples):
        rates, present = super().rates(epochs, time_step, n_samples), self.learning_rate
        if self.lr_schedule == "invscaling":
            for e in range(1, epochs):
                self.end_epochs(time_step + e * n_samples)
                rates[e] = self.learning_rate
            self.learning_rate = present
        return rates


class CoreAdam(CoreOptimizer, AdamOptimizer):
    """Scikit-learn's optimizer of the solver "adam"."""

    list_names = ("ms", "vs")
    ms, vs = slot(0, "ms"), slot(1, "vs")
    # The last training's initial rate and betas, whose powers the state has. None before it and
    # after a new t.
    _trained_with = None
    _rate = _rate_of = None  # a learning rate that was set, and the t that it belongs to

    def numbers(self):
        """Return the numbers that the core needs, first the learning rate."""
        return self.learning_rate_init, self.beta_1, self.beta_2, self.epsilon

    @property
    def t(self):
        return self.state.updates

    @t.setter
    def t(self, updates):
        self._rate, self._rate_of = self.learning_rate, updates
        self.state.updates, self._trained_with = updates, None

    @property
    def learning_rate(self):
        """The learning rate of the last update, by scikit-learn's formula."""
        t = self.state.updates
        if t != self._rate_of:
            initial, beta_1, beta_2 = self._trained_with
            self._rate, self._rate_of = initial * np.sqrt(1 - beta_2**t) / (1 - beta_1**t), t
        return self._rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self._rate, self._rate_of = rate, self.state.updates

    def plan(self):
        """Return the core's plan of the updates."""
        return adam_plan(self.beta_1, self.beta_2, self.epsilon)

    def state_for_core(self, dtype):
        state = super().state_for_core(dtype)
        numbers = self.learning_rate_init, self.beta_1, self.beta_2
        if self._trained_with != numbers:
            self._trained_with = numbers
            state.beta_1_power = self.beta_1**state.updates
            state.beta_2_power = self.beta_2**state.updates
        return state

    def rates(self, epochs, time_step, n_samples):
        return np.array([float(self.learning_rate_init)] * epochs)  # the core corrects the bias


class CoreRPROP(CoreOptimizer, BaseOptimizer):
    """The optimizer of the solver "rprop", which scikit-learn lacks."""

    def plan(self):
        """Return the core's plan of the updates."""
        return core_optimizer(RPROP())

    def _first_slots(self):
        return RPROP().first_slots


IN_CORE = {SGDOptimizer: CoreSGD, AdamOptimizer: CoreAdam}
METHODS = {"update_params", "_get_updates", "iteration_ends", "trigger_stopping"}


def use_optimizer(estimator, incremental):
    """Let the estimator go on with its optimizer in a partial fit, and otherwise with a new one.

    One of scikit-learn's becomes the core's: the same object, since the user may hold it.
    """
    optimizer = vars(estimator).get("_optimizer")
    if not incremental or optimizer is None or isinstance(optimizer, CoreRPROP):
        estimator._optimizer = fresh_optimizer(estimator)
    elif type(optimizer) in IN_CORE:
        kind, numbers = IN_CORE[type(optimizer)], vars(optimizer)
        lists = {name: numbers.pop(name) for name in kind.list_names}
        updates, rate = numbers.pop("t", 0), numbers.pop("learning_rate")
        optimizer.__class__ = kind
        optimizer.start(estimator._network, lists, updates)
        optimizer.learning_rate = rate


def fresh_optimizer(estimator):
    """Return the optimizer with which the estimator's hyperparameters start a fit."""
    kind = {"sgd": CoreSGD, "adam": CoreAdam, "rprop": CoreRPROP}[estimator.solver]
    optimizer = object.__new__(kind)
    optimizer.start(estimator._network, {})
    rate = estimator.learning_rate_init
    BaseOptimizer.__init__(optimizer, rate)
    if estimator.solver == "sgd":
        vars(optimizer).update(
            lr_schedule=estimator.learning_rate,
            momentum=estimator.momentum,
            nesterov=estimator.nesterovs_momentum,
            power_t=np.float64(estimator.power_t),  # the power of integers could take for ever
        )
    elif estimator.solver == "adam":
        vars(optimizer).update(
            beta_1=estimator.beta_1, beta_2=estimator.beta_2, epsilon=estimator.epsilon
        )
    return optimizer


def optimizer_fault(optimizer, n_arrays):
    """Return what of an optimizer of scikit-learn's the core cannot compute with, or None.

    `n_arrays` is the number of the estimator's parameter arrays.
    """
    kind = type(optimizer)
    kind = IN_CORE.get(kind, kind)
    if not issubclass(kind, CoreOptimizer):
        return f"_optimizer, a {kind.__qualname__}"
    values, numbers = vars(optimizer), kind.numbers(optimizer)
    try:
        in_range = are_in_range(*numbers)
    except TypeError:  # for an array, say
        in_range = False
    if not in_range:
        return f"_optimizer with the numbers {numbers}"
    for name, arrays in values.get("_lists", values).items():
        if name in kind.list_names and len(arrays) != n_arrays:
            return f"_optimizer.{name} of {len(arrays)} arrays"
    if not values.keys().isdisjoint(METHODS):
        return f"_optimizer.{min(METHODS & values.keys())}, set by hand"
    return None


# Partial fits are common enough to keep what never changes.


@lru_cache
def are_in_range(rate, *numbers):
    """Return whether these are finite numbers in the core's ranges.

    These are a momentum, or two betas and an epsilon, which must be above 0 in float32 too.
    """
    if not all(isinstance(each, Real) and isfinite(each) for each in (rate, *numbers)):
        return False
    *decays, epsilon = numbers if len(numbers) == 3 else (*numbers, 1.0)
    return rate >= 0 and all(0 <= each < 1 for each in decays) and np.float32(epsilon) > 0


@lru_cache
def sgd_plan(momentum, nesterov):
    """Return the core's plan of updates with a velocity."""
    method = _core.Method.nesterov if nesterov else _core.Method.momentum
    return _core.OptimizerPlan(method, momentum=momentum)


@lru_cache
def adam_plan(beta_1, beta_2, epsilon):
    """Return the core's plan of Adam's updates."""
    return _core.OptimizerPlan(_core.Method.adam, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)
