"""Includes and imports run downwards only, and never in a circle."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.arrows import circle, imports, includes, order_faults

ROOT = Path(__file__).parents[2]

# From the highest level down. A file may include or import files of its own folder and of lower
# levels; folders on one level must not depend on each other.
ORDERS = {
    "cpp": ["bindings", "training", "network", "samples", "targets", "kernels", "simd", "base"],
    "python/denseloop": [
        "__main__",
        "__init__",
        "files",
        "acceleration onnx dask",
        "_dask",
        "tutorials",
        "neural_network",
        "networks",
        "many stack",
        "_many",
        "network",
        "progress exchange",
        "derivatives",
        "_onnx",
        "model",
        "partial",
        "_sums",
        "trainer objective",
        "_training _files",
        "_c_export",
        "results initialization",
        "layered plotting",
        "_display",
        "parameters _core_terms",
        "activations optimizers",
        "each losses schedules stopping scaling config",
        "_threadpoolctl",
        "_threads",
        "_state_arrays",
        "_checks",
        "_core _packing _progress_bar _script _warnings _replacing _caching _interpreter _types",
        "_missing",
    ],
    "bench": ["__main__ many_rows", "report", "sections", "peers", "harness", "__init__"],
}

COMPILER = shutil.which("g++") or shutil.which("clang++")
OTHER_HEADERS = re.compile(r"<(pybind11/|numpy/|Python\.h|arm_neon\.h)")
OTHER_TARGETS = {
    f"simd/{name}.hpp" for name in ("avx2", "avx2_parts", "avx512", "neon", "neon_parts")
}


def arrows_of(name):
    folder = ROOT / name
    if not folder.exists():
        pytest.skip("not in a checkout")
    return includes(folder) if name == "cpp" else imports(folder)


@pytest.mark.parametrize("name", ORDERS)
def test_arrows_run_downwards(name):
    faults = order_faults(arrows_of(name), ORDERS[name])
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ORDERS)
def test_no_circle_of_files(name):
    files = circle(arrows_of(name))
    assert not files, " -> ".join(files)


def test_the_oracle_shares_nothing_with_the_package():
    for path in (Path(__file__).parents[1] / "oracle").glob("*.py"):
        if not path.name.startswith("test_"):
            assert not re.search(r"^\s*(from|import) denseloop", path.read_text(), re.MULTILINE)


def headers_for_any_machine():
    """Return the headers that need neither Python nor a certain CPU."""
    arrows = includes(ROOT / "cpp")
    excluded = {
        file
        for file in arrows
        if file in OTHER_TARGETS or OTHER_HEADERS.search((ROOT / "cpp" / file).read_text())
    }
    while more := {file for file in arrows if arrows[file] & excluded} - excluded:
        excluded |= more
    return [file for file in arrows if file.endswith(".hpp") and file not in excluded]


@pytest.mark.skipif(COMPILER is None, reason="needs g++ or clang++")
@pytest.mark.parametrize("header", headers_for_any_machine())
def test_a_header_compiles_alone(header):
    command = [COMPILER, "-std=c++20", "-fsyntax-only", "-x", "c++", "-", "-I", ROOT / "cpp"]
    target = ["-DDENSELOOP_TARGET=baseline", '-DDENSELOOP_SIMD="simd/portable.hpp"']
    source = f'#include "{header}"\n'
    done = subprocess.run([*command, *target], input=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---- the tests above can fail


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_an_include_that_runs_upwards_is_found(tmp_path):
    files = {
        "top/a.cpp": '#include "top/a.hpp"\n#include <vector>\n  #  include "bottom/b.hpp"\n',
        "top/a.hpp": '// #include "nothing"\n',
        "bottom/b.hpp": "",
    }
    write(tmp_path, files)
    arrows = includes(tmp_path)
    assert arrows["top/a.cpp"] == {"top/a.hpp", "bottom/b.hpp"}
    assert order_faults(arrows, ["top", "bottom"]) == [] and circle(arrows) == []
    assert order_faults(arrows, ["bottom", "top"]) == ["top/a.cpp -> bottom/b.hpp"]
    assert order_faults(arrows, ["top bottom"]) == ["top/a.cpp -> bottom/b.hpp"]

    write(tmp_path, {"bottom/b.hpp": '#include "top/a.hpp"\n#include "bottom/c.hpp"\n'})
    assert order_faults(includes(tmp_path), ["top", "bottom"]) == [
        "bottom/b.hpp -> bottom/c.hpp, which does not exist",
        "bottom/b.hpp -> top/a.hpp",
    ]


def test_a_folder_without_a_place_and_a_place_without_a_folder_are_found(tmp_path):
    write(tmp_path, {"new/a.hpp": ""})
    assert order_faults(includes(tmp_path), ["old"]) == [
        "new is not in the order",
        "old is in the order only",
    ]


def test_a_circle_within_a_folder_is_found(tmp_path):
    files = {
        name: f'#include "one/{to}.hpp"\n' for name, to in {"a": "b", "b": "c", "c": "b"}.items()
    }
    write(tmp_path, {f"one/{name}.hpp": text for name, text in files.items()})
    arrows = includes(tmp_path)
    assert order_faults(arrows, ["one"]) == []
    assert circle(arrows) == ["one/b.hpp", "one/c.hpp", "one/b.hpp"]


def test_every_form_of_an_import_is_an_arrow(tmp_path):
    write(
        tmp_path / "package",
        {
            "__init__.py": "VALUE = 1\n",
            "_core.pyi": "",
            "below.py": "import os\n",
            "above/__init__.py": "from package.above.first import *\n",
            "above/first.py": "from package import _core, below\n",
            "above/names.py": "from package import VALUE\n",
            "above/plain.py": "def late():\n    import package.below\n",
            "above/relative.py": "from . import first\nfrom .. import below\nfrom .names import x",
            "above/types.py": "if TYPE_CHECKING:\n    from package.below import thing\n",
        },
    )
    assert imports(tmp_path / "package") == {
        "__init__.py": set(),
        "_core.pyi": set(),
        "below.py": set(),
        "above/__init__.py": {"above/first.py"},
        "above/first.py": {"_core.pyi", "below.py"},
        "above/names.py": {"__init__.py"},
        "above/plain.py": {"below.py"},
        "above/relative.py": {"above/first.py", "below.py", "above/names.py"},
        "above/types.py": {"below.py"},
    }
