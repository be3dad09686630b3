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

EXAMPLES = Path(__file__).parents[2] / "examples"
MOST_CPU_SECONDS = 10
NEEDS = {"plot_c_header": "cc"}


@pytest.fixture
def pyplot(monkeypatch):
    matplotlib.use("Agg", force=True)
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: None)  # Agg would warn that it shows nothing
    with matplotlib.rc_context():
        yield pyplot
    pyplot.close("all")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/plot_*.py")), ids=lambda path: path.stem)
def test_an_example_makes_a_picture_without_a_warning(path, pyplot, tmp_path, monkeypatch):
    if (program := NEEDS.get(path.stem)) and not shutil.which(program):
        pytest.skip(f"there is no {program}")
    monkeypatch.chdir(tmp_path)
    start = time.process_time()
    with warnings.catch_warnings(action="error"):
        namespace = runpy.run_path(str(path))
        for number in pyplot.get_fignums():
            pyplot.figure(number).canvas.draw()  # some warnings come only now
    assert time.process_time() - start < MOST_CPU_SECONDS
    assert pyplot.get_fignums()
    assert not list(tmp_path.iterdir())
    assert re.match(r"\S.*\n=+\n\n\S", namespace["__doc__"].lstrip("\n"))


def test_every_section_of_the_gallery_has_a_header():
    folders = {path.parent for path in EXAMPLES.glob("*/plot_*.py")}
    if not EXAMPLES.exists():
        pytest.skip("not in a checkout")
    assert len(folders) > 1
    assert all((folder / "GALLERY_HEADER.rst").exists() for folder in folders)
