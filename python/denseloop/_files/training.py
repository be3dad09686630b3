"""What one training leaves for the next: the optimizer, its state and the history."""

from typing import Any, NamedTuple

import numpy as np

from denseloop import _core
from denseloop._files.fields import Fields
from denseloop._files.layers import Layers
from denseloop._files.tensors import Tensors
from denseloop._files.values import from_json, number_to_json, to_json
from denseloop.optimizers import DescentOptimizer, LevenbergMarquardt, Optimizer
from denseloop.results import History

FLOAT64 = np.dtype(np.float64)
MOST = (1 << 64) - 1  # of the core's counters
# The numbers of a state, in the order in which the core takes them.
COUNTERS = {
    "learning_rate": float,
    "updates": int,
    "epochs": int,
    "lowest_loss": float,
    "epochs_without_progress": int,
    "beta_1_power": float,
    "beta_2_power": float,
}
REASONS = (
    *("epochs", "stopping", "goal", "callback", "learning_rate", "convergence", "divergence"),
    "interrupt",
)
CURVES = {"validation_loss": "validation_loss", "damping": "damping", "learning_rate": "_rate"}


class Memory(NamedTuple):
    """What the core keeps of a network, in the core's order; the scaling follows."""

    optimizer: Optimizer | None = None
    state: _core.OptimizerState | float | None = None
    shuffled_epochs: int = 0
    history: History | None = None


def memory_to_file(
    memory: Memory, prefix: str = ""
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a description in JSON, and {name: array} with names that begin with the prefix."""
    described: dict[str, Any] = {"shuffled_epochs": str(memory.shuffled_epochs)}
    tensors: dict[str, np.ndarray] = {}
    if memory.optimizer is not None:
        described["optimizer"] = to_json(memory.optimizer)
    if isinstance(memory.state, _core.OptimizerState):
        described["state"] = {
            name: number_to_json(number) if kind is float else str(number)
            for name, kind in COUNTERS.items()
            for number in (getattr(memory.state, name),)
        }
        if memory.state.slots.size:
            tensors[f"{prefix}optimizer.slots"] = memory.state.slots
    elif memory.state is not None:
        described["damping"] = number_to_json(memory.state)
    if (history := memory.history) is not None:
        described["history"] = {"stopped_by": history.stopped_by}
        if isinstance(history._rate, float):
            described["history"]["learning_rate"] = number_to_json(history._rate)
        for name in ("loss", "output", *CURVES):
            array = getattr(history, CURVES.get(name, name))
            if isinstance(array, np.ndarray):
                tensors[f"{prefix}history.{name}"] = array
    return described, tensors


def memory_from_file(given: Fields, layers: Layers, tensors: Tensors, prefix: str = "") -> Memory:
    """Return what `memory_to_file` has described, with arrays of its own."""
    shuffled = given.integer("shuffled_epochs", most=MOST)
    optimizer: Any = None
    state, history = None, None
    if given.has("optimizer"):
        place, described = f"{given.where}.optimizer", given.take("optimizer")
        optimizer = from_json(given.path, place, described, Optimizer.__args__)
    if given.has("state"):
        place = Fields(given.path, f"{given.where}.state", given.take("state"))
        if not isinstance(optimizer, DescentOptimizer):
            given.refuse("state", "that of an optimizer that the core updates by", optimizer)
        state = _state(place, optimizer, layers, tensors, prefix)
    if given.has("damping"):
        state = given.number("damping")
        if not isinstance(optimizer, LevenbergMarquardt) or not 0 < state < np.inf:
            given.refuse("damping", "that of LevenbergMarquardt, above 0", (optimizer, state))
    if given.has("history"):
        place = Fields(given.path, f"{given.where}.history", given.take("history"))
        history = _history(place, layers, tensors, prefix)
    given.end()
    return Memory(optimizer, state, shuffled, history)


def _state(given, optimizer, layers, tensors, prefix):
    """Return the state of an optimizer, with as many slots as it has."""
    sizes = layers.layer_sizes
    n = sum((fan_in + layers.bias) * fan_out for fan_in, fan_out in zip(sizes, sizes[1:]))
    n_slots = _core.method_traits[optimizer.core_method.name].n_slots
    slots = np.empty((0, n), layers.dtype)
    if n_slots:
        slots = tensors.take(f"{prefix}optimizer.slots", (n_slots, n), layers.dtype).copy()
    counters = [
        given.number(name) if kind is float else given.integer(name, most=MOST)
        for name, kind in COUNTERS.items()
    ]
    given.end()
    return _core.OptimizerState(slots, *counters)


def _history(given, layers, tensors, prefix):
    """Return a history, whose losses need not be finite."""
    reason = given.text("stopped_by")
    if reason not in REASONS:
        given.refuse("stopped_by", f"one of {', '.join(REASONS)}", reason)

    def take(name, *axes, dtype=FLOAT64):
        full = f"{prefix}history.{name}"
        if tensors.has(full):
            return tensors.take(full, (epochs, *axes), dtype, may_be_nan=True).copy()
        return None

    epochs = -1
    loss = tensors.take(f"{prefix}history.loss", (-1,), FLOAT64, may_be_nan=True).copy()
    epochs = len(loss)
    curves = {attribute: take(name) for name, attribute in CURVES.items()}
    if given.has("learning_rate"):
        if curves["_rate"] is not None:
            given.refuse("learning_rate", "left out beside the array of that name", "both")
        curves["_rate"] = given.number("learning_rate")
    output = take("output", -1, layers.layer_sizes[-1], dtype=layers.dtype)
    given.end()
    return History(loss, output=output, stopped_by=reason, **curves)
