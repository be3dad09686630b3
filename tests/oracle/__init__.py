"""The reference: a dense network in plain NumPy, float64, written to be believed at sight.

It shares nothing with the package. Where a test has float32 arrays, they are widened first.
"""

from tests.oracle.network import ACTIVATIONS, DERIVATIVES, Oracle, sigmoid, softmax

__all__ = ["ACTIVATIONS", "DERIVATIVES", "Oracle", "sigmoid", "softmax"]
