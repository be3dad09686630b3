"""Networks as C headers."""
