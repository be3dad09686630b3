"""The files of a release say what is true, and its machinery names only what is there."""

import importlib.metadata
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import denseloop
import pytest

ROOT = Path(__file__).parents[2]
PATHS = (ROOT / "tests" / "wheel.txt").read_text().split()
LINK = re.compile(r"\]\((?!https?:)[^)\s]*\)")


def checkout(name):
    if not (ROOT / name).exists():
        pytest.skip("not in a checkout")
    return ROOT / name


def pyproject():
    return tomllib.loads(checkout("pyproject.toml").read_text())


def test_the_citation_has_the_version():
    lines = checkout("CITATION.cff").read_text().splitlines()
    assert f"version: {denseloop.__version__}" in lines


def test_the_description_on_an_index_page_links_to_no_file_of_the_source():
    assert LINK.search("[a](docs/b.md)") and not LINK.search("[a](https://b.org/)")
    description = importlib.metadata.metadata("denseloop")["Description"]
    assert "## Speed" in description and not LINK.findall(description)


def test_the_readme_links_to_files_that_exist():
    links = LINK.findall(checkout("README.md").read_text())
    assert len(links) > 10
    for link in links:
        name = link[2:-1].partition("#")[0]
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", PATHS)
def test_what_a_wheel_is_tested_with_exists(path):
    assert (ROOT / path).exists()


def test_a_wheel_is_tested_with_the_versions_of_the_extra_test():
    file = pyproject()
    extras = sum(file["project"]["optional-dependencies"].values(), [])
    group = file["dependency-groups"]["wheel-test"]
    assert "pytest>=8.2" in group and set(group) <= set(extras)


@pytest.mark.parametrize("name", ["tests.yml", "wheels.yml"])
def test_actions_are_pinned_by_the_hash_of_a_version(name):
    text = checkout(f".github/workflows/{name}").read_text()
    actions = re.findall(r"uses: (.*)", text)
    assert actions
    for action in actions:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_the_workflows_run_targets_that_exist():
    folder = checkout(".github/workflows")
    text = "".join(path.read_text() for path in folder.glob("*.yml"))
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "tests/core/core.mk").read_text()
    targets = re.findall(r"run: make (\S+)", text)
    assert "lint" in targets
    for target in targets:
        assert re.search(rf"^{target}:", makefiles, re.MULTILINE), target


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", ["clean", "oldest", "sanitize-python", "wheel"])
def test_make_removes_nothing_outside_a_folder_with_a_space(target, tmp_path):
    folder = tmp_path / "a space" / "denseloop"
    for name in ["Makefile", "tests/core/core.mk", "pyproject.toml", "CMakeLists.txt"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout(name), folder / name)
    for name in ["cases.py", "write_cases.py"]:
        shutil.copy(ROOT / "tests" / name, folder / "tests")
    done = subprocess.run(
        ["make", "-n", target], cwd=folder, capture_output=True, text=True, check=True
    )
    removed = [line for line in done.stdout.splitlines() if line.lstrip("@").startswith("rm -rf")]
    assert removed
    for line in removed:
        for word in shlex.split(line.partition("&&")[0])[2:]:
            assert not word.startswith(("/", "..")), line
