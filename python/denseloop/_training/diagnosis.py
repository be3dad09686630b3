"""What is likely wrong with a training that goes wrong without an error."""

import numpy as np

from denseloop._core_terms import CROSS_ENTROPIES
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
LARGE_INPUT = 10.0  # a unit that sums some of these saturates
LONG = 50  # epochs that say where a training goes; of fewer, only a blow-up counts
WORSE = {"full batch": 1.1, "batches": 2.0, "blow-up": 100.0}  # times the first loss
FLAT = 0.98  # times the loss half-way
POOR = 0.8  # times the loss of a constant output
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
    if y.shape[1] == 1 and low >= 0 and 2 <= high <= 1000 and (y == np.round(y)).all():
        remedy += (
            "; for class labels, use one output each, output_activation='softmax', "
            "loss='cross_entropy' and the rows of np.eye(n_classes)"
        )
    warn(
        f"the targets go from {low:g} to {high:g}, but the {name} outputs have values {values} "
        f"and cannot come near them: {remedy}",
        TrainingWarning,
    )


def check_course(plan, history):
    """Warn of a training that has led nowhere, or to the worse."""
    loss, epochs, converged = history.loss, len(history.loss), history.stopped_by == "convergence"
    if epochs < 2:
        return
    first, last = float(loss[0]), float(loss[-1])
    if last > first:
        check_rise(plan, loss, first)
    elif converged or (epochs >= LONG and last > FLAT * float(loss[epochs // 2])):
        check_plateau(plan, last)


def check_rise(plan, loss, first):
    """Warn if the last losses are higher than the first."""
    kind = "full batch" if plan.batch_size == len(plan.X) else "batches"
    factor = WORSE[kind if len(loss) >= LONG else "blow-up"]
    last = float(loss[-max(1, len(loss) // 10) :].mean())  # not that of one unlucky epoch
    if last - first <= (factor - 1) * abs(first) or plan.restore_best or is_negligible(plan, last):
        return
    warn(
        f"the training ended worse than it began: its loss rose from {first:g} to {last:g}; "
        f"{'; '.join([*input_remedies(plan), *rate_remedies(plan)] or ['check its derivatives'])}",
        TrainingWarning,
    )


def check_plateau(plan, loss):
    """Warn if the loss has stopped near that of a constant output, and large inputs may be why."""
    remedies = input_remedies(plan)
    constant = loss_of_constants(plan) if remedies else None
    if constant is None or not loss >= POOR * constant > 0:
        return
    warn(
        f"the outputs are hardly better than one constant for all samples: the loss is {loss:g}, "
        f"that of the mean target {constant:g}; {'; '.join(remedies)}",
        TrainingWarning,
    )


def input_remedies(plan):
    """Return what to do about large inputs, in a list; empty without any."""
    if plan.scaling is not None or (largest := largest_input(plan)) <= LARGE_INPUT:
        return []
    return [f"scale the inputs, which reach {largest:g}: Network(..., scaling='standard') does"]


def rate_remedies(plan):
    """Return what to do about steps that are too long, in a list."""
    if plan.terms.rate is None:
        return []
    remedies = [f"lower the learning rate, {plan.terms.rate!r}"]
    named = isinstance(plan.y, np.ndarray)
    if named and plan.terms.reduction == "sum" and plan.batch_size > 1:
        remedies.append(f"average the losses of {plan.batch_size} samples by reduction='mean'")
    return remedies


def largest_input(plan):
    """Return the largest absolute value of the inputs."""
    return float(max(plan.X.max(), -plan.X.min()))


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
