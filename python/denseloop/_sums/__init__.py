"""Sums over samples that may be cut anywhere: parts of them, and what they add up to."""
