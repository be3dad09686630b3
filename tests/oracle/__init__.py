"""The reference: a dense network in plain NumPy and float64, to be checked by reading it.

It shares no code with the package. It converts float32 arrays to float64 before it computes.
"""

from tests.oracle.network import ACTIVATIONS, DERIVATIVES, Oracle, sigmoid, softmax

__all__ = ["ACTIVATIONS", "DERIVATIVES", "Oracle", "sigmoid", "softmax"]
