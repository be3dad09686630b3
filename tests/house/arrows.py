"""Arrows between source files that include or import one another, and their faults."""

import ast
import re
from pathlib import Path

QUOTED_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def includes(folder):
    """Return {file: files that it includes in quotes}, by their paths in `folder`."""
    arrows = {}
    for path in sorted(folder.rglob("*.?pp")):
        found = QUOTED_INCLUDE.findall(path.read_text())
        arrows[path.relative_to(folder).as_posix()] = set(found)
    return arrows


def imports(folder):
    """Return {file: files of the same package that it imports}, for the package `folder`.

    Every import counts, also one inside a function or under `if TYPE_CHECKING`. A stub stands for
    an extension module. `from package import module` is an arrow to the module alone.
    """
    files = {}
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.pyi")]):
        parts = path.relative_to(folder).with_suffix("").parts
        name = ".".join([folder.name, *(part for part in parts if part != "__init__")])
        files[name] = path.relative_to(folder).as_posix()
    arrows = {}
    for name, file in files.items():
        is_package = Path(file).stem == "__init__"
        tree = ast.parse((folder / file).read_text())
        modules = imported_modules(tree, name if is_package else name.rpartition(".")[0], files)
        arrows[file] = {files[module] for module in modules if module in files} - {file}
    return arrows


def imported_modules(tree, package, modules):
    """Yield the full names of all imports; relative ones start from `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level]
            source = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                module = f"{source}.{alias.name}"
                yield module if module in modules else source


def unit(file):
    """Return the folder or the module directly below the root."""
    return Path(Path(file).parts[0]).stem


def order_faults(arrows, order):
    """Return what contradicts an order of units: a list of levels from the highest down.

    A file may include or import files of its own unit and of units on lower levels.
    """
    level_of = {name: number for number, level in enumerate(order) for name in level.split()}
    units = {unit(file) for file in arrows}
    faults = [f"{name} is not in the order" for name in sorted(units - set(level_of))]
    faults += [f"{name} is in the order only" for name in sorted(set(level_of) - units)]
    for source, targets in sorted(arrows.items()):
        for target in sorted(targets):
            above, below = unit(source), unit(target)
            if target not in arrows:
                faults.append(f"{source} -> {target}, which does not exist")
            elif {above, below} <= set(level_of) and above != below:
                if level_of[above] >= level_of[below]:
                    faults.append(f"{source} -> {target}")
    return faults


def circle(arrows):
    """Return the files of one circle, the first again at the end, or [] without a circle."""
    finished = set()

    def search(file, path):
        if file in path:
            return [*path[path.index(file) :], file]
        if file not in finished:
            for target in sorted(arrows.get(file, ())):
                if found := search(target, [*path, file]):
                    return found
            finished.add(file)
        return []

    return next(filter(None, (search(file, []) for file in sorted(arrows))), [])
