"""What is likely wrong with a training that goes wrong without an error."""

import numpy as np

from denseloop._core_terms import CALLER_LOSS, CROSS_ENTROPIES
from denseloop._training.levenberg_marquardt import LOSSES as SQUARED_ERRORS
from denseloop._warnings import warn
from denseloop.activations import activation_name
from denseloop.results import TrainingWarning

# The values that an output can come close to.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "gelu": (-0.17, np.inf),
    "exp": (0.0, np.inf),
    "softmax": (0.0, 1.0),
}
NEAR = 0.05  # of the range, or of the targets' spread, by which targets may leave it
LARGE = 10.0  # a unit that sums some such inputs saturates, and steps to such targets are long
SMALL = 1e-2  # such inputs do nothing, and such targets are lost in the first outputs
LONG = 50  # epochs that say where a training goes; of fewer, only a blow-up counts
WORSE = {"full batch": 1.1, "batches": 2.0, "blow-up": 100.0}  # times the first loss
POOR = 0.7  # times the loss of a constant output
NEGLIGIBLE = 1e-9  # loss of a sample in units of the mean square of the targets


def check_range(network, y):
    """Warn of targets that the outputs cannot reach."""
    name = activation_name(network.output_activation)
    if name not in RANGES or not isinstance(y, np.ndarray):
        return
    least, most = RANGES[name]
    low, high = float(y.min()), float(y.max())
    slack = NEAR * min(most - least, high - low)
    if least - slack <= low and high <= most + slack:
        return
    values = f"of at least {least:g}" if most == np.inf else f"from {least:g} to {most:g}"
    remedy = "output_activation='identity' has no bounds"
    if low >= -1 and high <= 1:
        remedy = f"output_activation='tanh' has values from -1 to 1, and {remedy}"
    elif y.shape[1] == 1 and 0 <= low < high <= 1000 and (y == np.round(y)).all():
        remedy += (
            f"; for class labels, use one output each, output_activation='softmax', "
            f"loss='cross_entropy' and the rows of np.eye({high - low + 1:g})"
            f"[labels{f' - {low:g}' if low else ''}]"
        )
    warn(
        f"the targets go from {low:g} to {high:g}, but the {name} outputs have values {values} "
        f"and cannot reach all of them: {remedy}",
        TrainingWarning,
    )


def check_course(plan, history):
    """Warn of a training that has led nowhere, or to the worse."""
    loss, epochs, converged = history.loss, len(history.loss), history.stopped_by == "convergence"
    if epochs < 2:
        return
    first, last = float(loss[0]), float(loss[-1])
    if last > first and check_rise(plan, loss, first):
        return
    if converged or epochs >= LONG:
        check_plateau(plan, last)


def check_rise(plan, loss, first):
    """Warn if the last losses are higher than the first; return whether they are."""
    kind = "full batch" if plan.batch_size == len(plan.X) else "batches"
    factor = WORSE[kind if len(loss) >= LONG else "blow-up"]
    last = float(loss[-max(1, len(loss) // 10) :].mean())  # not that of one unlucky epoch
    if last - first <= (factor - 1) * abs(first) or plan.restore_best or is_negligible(plan, last):
        return False
    warn(
        f"the training ended worse than it began: its loss rose from {first:g} to {loss[-1]:g}; "
        f"{remedies(plan)}",
        TrainingWarning,
    )
    return True


def check_plateau(plan, loss):
    """Warn if the loss is near that of a constant output, and the scale may be why."""
    tries = scale_remedies(plan)
    constant = loss_of_constants(plan) if tries else None
    if constant is None or not loss >= POOR * constant > 0:
        return
    warn(
        f"the training has hardly led anywhere: its loss is {loss:g}, where the mean target for "
        f"all samples has {constant:g}; {'; '.join(tries)}; if that does not help, the targets "
        f"may not depend on the inputs",
        TrainingWarning,
    )


def remedies(plan):
    """Return what to try where the loss or a parameter has grown, in words."""
    tries = [*scale_remedies(plan), *rate_remedies(plan)]
    return "; ".join(tries or ["try other initial weights, by a seed"])


def scale_remedies(plan):
    """Return what to do about large or small inputs or targets, in a list; empty without any."""
    if plan.scaling is not None:
        return []
    arrays = {"inputs": plan.X} if isinstance(plan.X, np.ndarray) else {}
    if isinstance(plan.y, np.ndarray) and plan.terms.output_activation == "identity":
        arrays["targets"] = plan.y
    return [
        f"scale the {name}, which reach {largest:g}: Network(..., scaling='standard') does"
        for name, array in arrays.items()
        if (largest := largest_of(array)) > LARGE or 0 < largest < SMALL
    ][:1]


def rate_remedies(plan):
    """Return what to do about steps that are too long, in a list."""
    named = plan.terms.loss is not CALLER_LOSS
    tries = [] if named else ["check what the function given as loss returns"]
    if plan.terms.rate is None:
        return tries
    tries.append(f"lower the learning rate, {plan.terms.rate!r}")
    if named and plan.terms.reduction == "sum" and plan.batch_size > 1:
        tries.append(f"average the losses of {plan.batch_size} samples by reduction='mean'")
    return tries


def largest_of(array):
    """Return the largest absolute value."""
    return float(max(array.max(), -array.min()))


def is_negligible(plan, loss):
    """Return whether a loss is that of rounding errors."""
    if not isinstance(plan.y, np.ndarray):
        return False
    samples = len(plan.X) if plan.terms.reduction == "sum" else 1
    return abs(loss) <= NEGLIGIBLE * samples * float(np.square(plan.y, dtype=np.float64).mean())


def loss_of_constants(plan):
    """Return the loss of outputs that are the mean targets for all samples, or None."""
    y, weight, loss = plan.y, plan.sample_weight, plan.terms.loss
    if not isinstance(y, np.ndarray) or loss not in (*SQUARED_ERRORS, *CROSS_ENTROPIES):
        return None
    y = y.astype(np.float64)
    mean = np.average(y, axis=0, weights=weight)
    if loss in SQUARED_ERRORS:
        losses = np.square(y - mean) * (0.5 if loss == "half_squared_error" else 1.0)
    else:
        losses = -y * np.log(np.where(mean > 0, mean, 1))
        if loss == "binary_cross_entropy":
            losses -= (1 - y) * np.log(np.where(mean < 1, 1 - mean, 1))
    mean_loss = float(np.average(losses.sum(axis=1), weights=weight))
    if plan.terms.reduction == "mean":
        return mean_loss
    return mean_loss * float(len(y) if weight is None else weight.sum())
