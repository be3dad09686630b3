"""What a network keeps from one training to the next."""

from dataclasses import dataclass

from denseloop.optimizers import Optimizer
from denseloop.results import History


@dataclass
class TrainingMemory:
    """The last optimizer with its state, the number of shuffled epochs, and the last history."""

    optimizer: Optimizer | None = None
    state: object = None  # of a kind that the optimizer's run knows
    shuffled_epochs: int = 0
    history: History | None = None

    def state_for(self, optimizer):
        """Return the state with which an equal optimizer ended the last training, or None."""
        return self.state if self.optimizer == optimizer else None

    def keep(self, optimizer, state):
        """Remember the state for a later training by an equal optimizer."""
        self.optimizer, self.state = optimizer, state
