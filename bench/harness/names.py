"""Names of contenders that more than one part of the benchmark needs."""

REFERENCE = "denseloop"  # always measured, since the others are compared with it
SCIKIT_LEARN = "scikit-learn"
