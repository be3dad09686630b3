"""Plans of many trainings: for the core to carry out at once, or for Python one after another."""

from copy import copy
from dataclasses import dataclass, field

import numpy as np

from denseloop import _core
from denseloop._core_terms import shuffle_key
from denseloop._many.samples import NAMES, checked_stacks, own_values
from denseloop._training.diagnosis import check_range
from denseloop._training.plan import Plan, make_plan
from denseloop.parameters import CoreNetwork
from denseloop.progress import report_to
from denseloop.trainer import Trainer, check_epochs

TERMS = (
    *("learning_rate", "optimizer", "loss", "reduction", "l2", "derivative_at", "update_order"),
    "stopping",
)
CorePlan = _core.MemberPlan32 | _core.MemberPlan64
HOW = "batch_size", "shuffle", "callback_every", "record_output"


@dataclass(eq=False)
class Members:
    """The trainings of some networks.

    Attributes
    ----------
    plans : list of Plan
        One for each network, which several may share.
    stacks : dict of int to dict
        The samples by name, in arrays with an entry for each network, of the networks that share
        a plan but not these.
    epochs : list of int
    jobs : dict of int to tuple
        For the core: by the number of the network the tuple (network, plan, epochs, shuffle_key).
    trainers : dict of int to Trainer
        For Python: trainings with functions of the user's, or by steps.
    """

    plans: list[Plan] = field(default_factory=list)
    stacks: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)
    epochs: list[int] = field(default_factory=list)
    jobs: dict[int, tuple[CoreNetwork, CorePlan, int, int | None]] = field(default_factory=dict)
    trainers: dict[int, Trainer] = field(default_factory=dict)

    def plan_of(self, k: int) -> Plan:
        """Return the Plan of network k with its own samples."""
        plan = copy(self.plans[k])
        for name, stack in self.stacks.get(k, {}).items():
            setattr(plan, name, stack[k])
        return plan


class MembersFactory:
    """Makes the Members of one call of `train_many`, in which networks share what they can.

    Parameters
    ----------
    networks : sequence of Network
    alike : bool
        Whether all have one layout, dtype and no scaling.
    cores : sequence of _core.Network32 or _core.Network64
        Of these networks.
    data : dict
        The samples by name, `own` those of which each network has its own.
    options : dict
        The other arguments by name.
    """

    def __init__(self, networks, alike, cores, data, own, options, num_threads):
        self._networks, self._alike, self._cores = networks, alike, cores
        self._shared = {**data, **options}
        self._own = dict(own)
        for name, value in options.items():
            values = own_values(name, value, len(cores))
            if values is not None:
                self._own[name] = values
        # These are no part of a plan, and samples are easily replaced in one.
        self._own_samples = [name for name in NAMES if name in self._own]
        self._one_plan = not self._own.keys() - {"epochs", "callback", *NAMES[:3]}
        self._num_threads = num_threads
        self._made = {}  # by shape, the first one's Plan, the core's, and checked stacks of all

    def make(self):
        members = Members()
        for k in range(len(self._cores)):
            try:
                self._add(members, k)
            except (TypeError, ValueError) as error:
                kind = TypeError if isinstance(error, TypeError) else ValueError
                raise kind(f"network {k}: {error}") from error
        return members

    def _add(self, members, k):
        value = self._value
        callback, core_plan, stacks = value("callback", k), None, None
        if callback is None:
            plan, core_plan, stacks = self._plans_of(k)
        else:
            plan = self._new_plan(k)
        values_per_epoch = 1
        if plan.record_output:
            values_per_epoch = len(plan.X) * self._networks[k].layer_sizes[-1]
        epochs = check_epochs(value("epochs", k), values_per_epoch)
        members.plans.append(plan)
        if stacks is not None:
            members.stacks[k] = stacks
        members.epochs.append(epochs)
        if core_plan is None:
            network = self._networks[k]
            members.trainers[k] = Trainer(network, plan, report_to(callback, network))
            return
        key = shuffle_key(self._networks[k].seed) if value("shuffle", k) else None
        members.jobs[k] = self._cores[k], core_plan, epochs, key

    def _value(self, name, k):
        return self._own[name][k] if name in self._own else self._shared[name]

    def _plans_of(self, k):
        """Return the Plan of network k, the core's or None, and stacks with its samples or None.

        The core has no plan if Python is to carry it out.
        """
        network = self._networks[0 if self._alike else k]
        shape = None
        if self._one_plan and network.scaling is None:
            shape = network.layer_sizes, network.bias, network.activations, network.dtype
        if shape in self._made:
            plan, core_plan, stacks = self._made[shape]
            if not self._own_samples:
                return plan, core_plan, None
            if stacks is not None:
                own = {name: stack[k] for name, stack in stacks.items()}
                return plan, core_member_plan(network, plan, **own), stacks
        plan = self._new_plan(k)
        if plan.terms.core_plan is None or not isinstance(plan.y, np.ndarray):
            return plan, None, None
        core_plan = core_member_plan(network, plan)
        core_plan.check(network._parameters.core)
        if shape is not None and shape not in self._made:
            stacks = checked_stacks(self._shared, self._own_samples, plan)
            self._made[shape] = plan, core_plan, stacks
        return plan, core_plan, None

    def _new_plan(self, k):
        """Return a Plan of network k's own."""
        network = self._networks[k]
        X, y, weight, eval_set = (self._value(name, k) for name in NAMES)
        terms = tuple(self._value(name, k) for name in TERMS)
        batch_size, shuffle, every, record = (self._value(name, k) for name in HOW)
        plan = make_plan(
            *(network, X, y, weight, eval_set, terms),
            *(batch_size, shuffle, every, record, False, self._num_threads),
        )
        if network.history is None:
            check_range(network, plan.y)
        return plan


def core_member_plan(network, plan, X=None, y=None, sample_weight=None):
    """Return the core's MemberPlan of a Plan, with the given arrays instead of its own."""
    kind = _core.MemberPlan64 if network.dtype == np.float64 else _core.MemberPlan32
    terms = plan.terms
    return kind(
        plan.X if X is None else X,
        plan.y if y is None else y,
        plan.sample_weight if sample_weight is None else sample_weight,
        plan.eval_set,
        terms.core_plan,
        plan.batch_size,
        terms.optimizer,
        terms.first_slots,
        terms.rate,
        plan.scaling_before,
        plan.scaling,
        plan.record_output,
        plan.restore_best,
    )
