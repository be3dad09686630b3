"""Scikit-learn's own tests of its perceptrons pass with denseloop's."""

import re
import subprocess
import sys

PROGRAM = """
import sys
import denseloop
import pytest

denseloop.accelerate_sklearn()
from sklearn.neural_network.tests import test_mlp

assert test_mlp.MLPClassifier.__module__ == "denseloop.neural_network"
sys.exit(pytest.main([test_mlp.__file__, "-q", "-p", "no:cacheprovider", "-p", "no:warnings"]))
"""


def test_scikit_learns_tests_of_perceptrons_pass(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=tmp_path, timeout=600
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert passed > 40 and "deselected" not in done.stdout
