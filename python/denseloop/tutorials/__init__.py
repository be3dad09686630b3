"""The tutorials' listings, replayed in the fused loop."""

from denseloop.tutorials.catalogue import NAMES, TEN_INPUTS, moons
from denseloop.tutorials.replays import Replay, replay

__all__ = ["NAMES", "TEN_INPUTS", "Replay", "moons", "replay"]
