"""The code blocks of a Markdown page, and a namespace that runs them one after the other."""

import ast
import doctest
import importlib
import importlib.util
import re
from dataclasses import dataclass

FENCE = re.compile(r" *(?P<marks>`{3,}|:{3,}) *(?P<info>.*?) *$")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block, or the text of a comment ``<!-- setup``, which has the language "setup"."""

    line: int
    language: str
    text: str


def blocks_of(page):
    """Yield the blocks of a page, also those within directives, but not the directives."""
    directives, code = [], None  # the marks of those that are open
    for number, line in enumerate(page.splitlines(), 1):
        fence = FENCE.match(line)
        if code:
            marks, start, language, lines = code
            if line.strip() == marks:
                yield Block(start, language, "\n".join([*lines, ""]))
                code = None
            else:
                lines.append(line)
        elif line == "<!-- setup":
            code = "-->", number + 1, "setup", []
        elif fence and directives and fence["marks"] == directives[-1] and not fence["info"]:
            directives.pop()
        elif fence and fence["info"].startswith("{"):
            directives.append(fence["marks"])
        elif fence:
            code = fence["marks"], number + 1, fence["info"], []
    assert not (directives or code), f"a fence is not closed: {code or directives}"


class Session:
    """What the blocks of a page have defined, in the order in which they were run.

    Attributes
    ----------
    skipped : list of str
        Blocks that need a package that is missing, or the results of such a block.
    """

    def __init__(self, page):
        self.page, self.skipped = page, []
        self._names, self._lost = {"__name__": "__main__"}, set()

    def run(self, block):
        """Run a block, unless it has to be skipped; raise an error if it is wrong."""
        place = f"{self.page}:{block.line}"
        test = doctest.DocTestParser().get_doctest(
            block.text, {}, place, str(self.page), block.line - 1
        )
        assert not any(doctest.SKIP in example.options for example in test.examples), place
        source = "".join(example.source for example in test.examples) or block.text
        tree = ast.parse(source, place)
        if why := missing_package(tree) or self._lost_name(tree):
            self.skipped.append(f"line {block.line}: {why}")
            self._lost |= names(tree, ast.Store)
            return
        self._lost -= names(tree, ast.Store)
        if test.examples:
            self._run_examples(test)
        else:
            exec(compile("\n" * (block.line - 1) + source, self.page, "exec"), self._names)

    def _lost_name(self, tree):
        bound = set()
        for statement in tree.body:
            read, own = names(statement, ast.Load), names(statement, ast.Store)
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                read -= own
            if lost := sorted(read & (self._lost - bound)):
                return f"needs {', '.join(lost)} of a skipped block"
            bound |= own
        return None

    def _run_examples(self, test):
        test.globs, report = self._names, []
        runner = doctest.DocTestRunner(optionflags=OPTIONS)
        results = runner.run(test, out=report.append, clear_globs=False)
        assert results.failed == 0, "".join(report)


def names(tree, context):
    """Return the names that a program reads (`ast.Load`) or binds (`ast.Store`)."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif context is ast.Store and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif context is ast.Store and isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
    return found


def missing_package(tree):
    """Return which package of those that a program imports is missing, or None."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module]
        else:
            continue
        for module in modules:
            if importlib.util.find_spec(module.split(".")[0]) is None:
                return f"needs {module.split('.')[0]}"
            if module.startswith("denseloop."):
                try:
                    importlib.import_module(module)
                except ModuleNotFoundError:
                    continue  # a wrong name, which fails when the block is run
                except ImportError as error:  # names what an optional part needs
                    return str(error)
    return None
