"""What one child process of the benchmark is asked to do."""

from dataclasses import dataclass

REFERENCE = "denseloop"  # always measured: the others are compared with it


@dataclass(frozen=True)
class Job:
    """A section, a module of this package, at one number of threads.

    `cases` and `peers` are parts of the names of those to measure, None for all; `turn` is how many
    seconds a contender's turn in a round takes, roughly.
    """

    section: str
    threads: int = 1
    dtypes: tuple[str, ...] = ("float64",)
    rounds: int = 11
    turn: float = 0.1
    quick: bool = False
    cases: tuple[str, ...] | None = None
    peers: tuple[str, ...] | None = None

    def has_case(self, name):
        return part_of(name, self.cases)

    def has_peer(self, name):
        return name == REFERENCE or part_of(name, self.peers)


def part_of(name, parts):
    return parts is None or any(part.lower() in name.lower() for part in parts)
