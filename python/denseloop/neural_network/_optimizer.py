"""The optimizer of the solvers that update the parameters epoch by epoch.

An estimator's `_optimizer` is one of scikit-learn's. Its numbers can be read and written at any
time, and its arrays are those of the core's state.
"""

from copy import deepcopy
from functools import lru_cache
from numbers import Real
from typing import ClassVar

import numpy as np

from denseloop import _core
from denseloop._core_terms import core_optimizer
from denseloop.neural_network._scikit_learn import AdamOptimizer, BaseOptimizer, SGDOptimizer
from denseloop.optimizers import RPROP
from denseloop.parameters import layer_views


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
    number_names : tuple of str
        Names of the numbers of which the core has to make sense.
    """

    list_names: ClassVar[tuple[str, ...]] = ()
    number_names: ClassVar[tuple[str, ...]] = ()

    def start(self, network, lists, updates=0):
        """Give the optimizer a state for the network: these lists of arrays, and 0 elsewhere."""
        self._layers, self._lists = network.layers, lists
        self.state = _core.OptimizerState.fresh(
            self._first_slots(), network.flat.size, network.dtype == np.float64, 0.0
        )
        self.state.updates = updates

    def state_for_core(self, dtype):
        """Return the state with everything that was written since the last training."""
        slots = self.state.slots.astype(dtype, copy=bool(self._lists))
        for name, arrays in self._lists.items():
            weights, biases = layer_views(slots[self.list_names.index(name)], self._layers)
            for view, array in zip([*weights, *biases], arrays, strict=True):
                view[...] = array
        self.state.slots, self._lists = slots, {}
        return self.state

    def rates(self, epochs, time_step, n_samples):
        """Return the learning rates (epochs,) of epochs of `n_samples` after `time_step`."""
        return np.full(epochs, self.learning_rate, np.float64)

    def _first_slots(self):
        return (0.0,) * len(self.list_names)

    def __copy__(self):
        """Return a copy that keeps its arrays, as a copy of scikit-learn's optimizer does."""
        copied = object.__new__(type(self))
        vars(copied).update(vars(self), state=deepcopy(self.state), _lists=dict(self._lists))
        return copied


class CoreSGD(CoreOptimizer, SGDOptimizer):
    """Scikit-learn's optimizer of the solver "sgd"."""

    list_names = ("velocities",)
    number_names = ("learning_rate", "momentum")
    velocities = slot(0, "velocities")

    def plan(self):
        """Return the core's plan of the updates. Without momentum they have a velocity too."""
        method = _core.Method.nesterov if self.nesterov else _core.Method.momentum
        return _plan(method, momentum=self.momentum)

    def rates(self, epochs, time_step, n_samples):
        rates, present = np.full(epochs, self.learning_rate, np.float64), self.learning_rate
        if self.lr_schedule == "invscaling":
            for e in range(1, epochs):
                self.iteration_ends(time_step + e * n_samples)
                rates[e] = self.learning_rate
            self.learning_rate = present
        return rates


class CoreAdam(CoreOptimizer, AdamOptimizer):
    """Scikit-learn's optimizer of the solver "adam"."""

    list_names = ("ms", "vs")
    number_names = ("learning_rate_init", "beta_1", "beta_2", "epsilon")
    ms, vs = slot(0, "ms"), slot(1, "vs")
    _powers_of = None  # the two betas whose powers the state has

    @property
    def t(self):
        return self.state.updates

    @t.setter
    def t(self, updates):
        self.state.updates = updates
        self._powers_of = None

    def plan(self):
        """Return the core's plan of the updates."""
        return _plan(
            _core.Method.adam, beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon
        )

    def state_for_core(self, dtype):
        state = super().state_for_core(dtype)
        if self._powers_of != (self.beta_1, self.beta_2):
            self._powers_of = self.beta_1, self.beta_2
            state.beta_1_power = self.beta_1**state.updates
            state.beta_2_power = self.beta_2**state.updates
        return state

    def rates(self, epochs, time_step, n_samples):
        return np.full(epochs, self.learning_rate_init, np.float64)  # the core corrects the bias

    def iteration_ends(self, time_step):
        """Compute the learning rate of the last update, as scikit-learn does for each."""
        if t := self.state.updates:
            self.learning_rate = (
                self.learning_rate_init * np.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
            )


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
        updates = numbers.pop("t", 0)
        optimizer.__class__ = kind
        optimizer.start(estimator._network, lists, updates)


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
            power_t=estimator.power_t,
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
    kind = IN_CORE.get(type(optimizer), type(optimizer))
    if not issubclass(kind, CoreOptimizer):
        return f"_optimizer, a {type(optimizer).__qualname__}"
    values = vars(optimizer)
    for name in kind.number_names:
        value = values.get(name)
        if not (isinstance(value, Real) and np.isfinite(value)) or (
            name.startswith("learning_rate") and value < 0
        ):
            return f"_optimizer.{name}={value!r}"
    lists = values.get("_lists", values)
    for name in kind.list_names:
        if name in lists and len(lists[name]) != n_arrays:
            return f"_optimizer.{name} of {len(lists[name])} arrays"
    if changed := METHODS & values.keys():
        return f"_optimizer.{min(changed)}, set by hand"
    return None


@lru_cache
def _plan(method, **numbers):
    return _core.OptimizerPlan(method, **numbers)
