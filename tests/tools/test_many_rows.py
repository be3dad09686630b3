"""The recipe of docs/guides/many_rows.md for Ray has the bits of one process."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "many_rows.md"
SECONDS = 120  # Ray takes some 10 to start
BEFORE = """
from functools import reduce
import denseloop as dl
import numpy as np
random = np.random.default_rng(0)
X, y = random.random((30_000, 3)), random.random((30_000, 1))
net = dl.Network([3, 12, 1], seed=0)
cuts = range(0, len(X), 9999)
"""
AFTER = """
expected, same = net.loss_and_gradients(X, y)
assert loss == expected and np.array_equal(gradients.flat, same.flat)
ray.shutdown()
"""


def test_the_recipe_for_ray_adds_up_to_the_bits():
    if not PAGE.exists():
        pytest.skip("not in a checkout")
    pytest.importorskip("ray", reason="ray is missing: make tools")
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    (recipe,) = [block for block in blocks if "import ray" in block]
    run = subprocess.run(
        [sys.executable, "-c", BEFORE + recipe + AFTER],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.returncode == 0, run.stdout + run.stderr
