"""The tutorials' listings, replayed in the fused loop."""

from denseloop.tutorials.replays import NAMES, TEN_INPUTS, Replay, moons, replay

__all__ = ["NAMES", "TEN_INPUTS", "Replay", "moons", "replay"]
