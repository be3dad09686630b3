"""The gallery's examples run without a warning, soon enough, and make a picture."""

import re
import runpy
import shutil
import time
import warnings
from pathlib import Path

import pytest

matplotlib = pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
threadpoolctl = pytest.importorskip("threadpoolctl")

EXAMPLES = Path(__file__).parents[2] / "examples"
PATHS = sorted(EXAMPLES.glob("*/plot_*.py"))
PROGRAMS = {"plot_c_header": "cc"}  # which these examples need
MOST_CPU_SECONDS = 10


@pytest.fixture
def pyplot(monkeypatch):
    """Pyplot without windows, with settings that end with the test."""
    matplotlib.use("Agg", force=True)
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: None)  # Agg may warn that it shows nothing
    with matplotlib.rc_context():
        yield pyplot
    pyplot.close("all")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_makes_a_picture_without_a_warning(path, pyplot, tmp_path, monkeypatch):
    program = PROGRAMS.get(path.stem)
    if program and not shutil.which(program):
        pytest.skip(f"needs {program}")
    monkeypatch.chdir(tmp_path)
    start = time.process_time()
    with warnings.catch_warnings(action="error"), threadpoolctl.threadpool_limits(1):
        namespace = runpy.run_path(str(path))
        numbers = pyplot.get_fignums()
        for number in numbers:
            pyplot.figure(number).canvas.draw()  # which warns of missing glyphs, say
    assert time.process_time() - start < MOST_CPU_SECONDS
    assert numbers
    assert not list(tmp_path.iterdir())
    title, line, text = namespace["__doc__"].strip().split("\n", 2)
    assert re.fullmatch("=+", line) and len(line) == len(title) and text.strip()


def test_the_gallery_has_sections_with_headers():
    if not EXAMPLES.exists():
        pytest.skip("not in a checkout")
    sections = {path.parent for path in PATHS}
    assert len(sections) > 1 and len(PATHS) >= 15
    for folder in [EXAMPLES, *sections]:
        assert (folder / "GALLERY_HEADER.rst").read_text().strip()
