import pytest

pytest.importorskip("bench", reason="not in a checkout")
