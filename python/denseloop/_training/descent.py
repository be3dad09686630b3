"""Training by an optimizer whose updates the core makes, batch by batch."""

from denseloop import _core
from denseloop._core_terms import fresh_state


class DescentRun:
    """A training by a DescentOptimizer."""

    def __init__(self, plan, parameters, memory, record):
        self._plan, self._memory, self._record = plan, memory, record
        self._state = memory.state_for(plan.optimizer)
        if self._state is None:
            self._state = fresh_state(plan.optimizer, parameters.flat)
        self._training = parameters.core.training(
            state=self._state, best_parameters=record.best_parameters, **plan.descent_keywords()
        )

    def run(self):
        """Train, and return what ended it; raise what interrupts it."""
        plan, memory, record = self._plan, self._memory, self._record
        while True:
            pause = record.next_pause()
            memory.keep(plan.optimizer, self._state)  # the core writes to the state
            result = self._training.run(
                shuffled_epochs=memory.shuffled_epochs, **record.core_keywords(pause)
            )
            if plan.shuffle_key is not None:
                memory.shuffled_epochs += result.epochs
            record.add(result.epochs)
            if result.error is not None:
                raise result.error
            stop = record.report() if result.epochs else False
            if result.ending is not _core.Ending.epochs:
                return result.ending.name
            if stop:
                return "callback"
            if record.finished == plan.epochs:
                return "epochs"
