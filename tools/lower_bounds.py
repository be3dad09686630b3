"""Print the oldest version of each package that the tests need, as pyproject.toml declares them."""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
BOUND = re.compile(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)")


def requirements(project: dict, extra: str) -> list[str]:
    """Return what an extra lists, with what is listed by the package's own extras that it names."""
    found = []
    for requirement in project["optional-dependencies"][extra]:
        if own := re.fullmatch(rf"{project['name']}\[([\w,]+)\]", requirement):
            for name in own[1].split(","):
                found += requirements(project, name)
        else:
            found.append(requirement)
    return found


def main() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    bounds = {}
    for requirement in project["dependencies"] + requirements(project, "test"):
        name, version = BOUND.fullmatch(requirement).groups()
        if bounds.setdefault(name, version) != version:
            raise SystemExit(f"{name} has two lower bounds: {bounds[name]} and {version}")
    for name, version in bounds.items():
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
