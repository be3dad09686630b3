"""What one child process of the benchmark is asked to do."""

from dataclasses import dataclass

from bench.harness.names import REFERENCE


@dataclass(frozen=True)
class Job:
    """A section to measure on one number of threads.

    Parameters
    ----------
    section : str
        Name of a module in `bench.sections`.
    threads : int
        Threads of each library, and CPUs of the process.
    target : str, optional
        The CPU target of denseloop to whose instructions every library is held; by default each
        library chooses for itself.
    dtypes : tuple of str
    rounds : int
        Turns of each contender.
    turn : float
        Approximate duration of a contender's turn, in seconds.
    quick : bool
        Whether to leave out what takes long.
    cases, peers : tuple of str, optional
        Parts of the names of the cases and peers to measure; by default all are measured.
    """

    section: str
    threads: int = 1
    target: str | None = None
    dtypes: tuple[str, ...] = ("float64",)
    rounds: int = 11
    turn: float = 0.1
    quick: bool = False
    cases: tuple[str, ...] | None = None
    peers: tuple[str, ...] | None = None

    def has_case(self, name):
        return contains_any(name, self.cases)

    def has_peer(self, name):
        return name == REFERENCE or contains_any(name, self.peers)


def contains_any(name, parts):
    return parts is None or any(part.lower() in name.lower() for part in parts)
