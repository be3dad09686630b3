"""`denseloop accelerate` runs a program as Python does, with denseloop's estimators."""

import os
import py_compile
import subprocess
import sys
import threading
import zipfile

import pytest

from tests.programs import needs_fifo

COMMAND = ["-m", "denseloop", "accelerate"]


@pytest.fixture
def script(tmp_path):
    """Return a function that writes a script next to a module."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "beside.py").write_text("def fail():\n    raise KeyError('beside')\n")

    def write(text):
        (tmp_path / "folder" / "script.py").write_text(text)

    return write


@pytest.fixture
def run(tmp_path):
    def run(*arguments, **options):
        command = [sys.executable, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, **options)

    return run


PROGRAMS = {
    "its place": """
import os, sys
os.chdir("/")
print(__name__, __file__, __spec__, sys.modules["__main__"].__file__, sys.path[0])
import beside
""",
    "its arguments": "import sys; print(sys.argv)",
    "its classes at the end": """
import atexit, pickle
class Thing:
    pass
atexit.register(lambda: print(pickle.loads(pickle.dumps(Thing()))))
Thing.__repr__ = lambda self: "a thing"
""",
    "exit code": "raise SystemExit(3)",
    "exit message": "import sys; sys.exit('words')",
    "exception": """
import beside
def wrong():
    try:
        beside.fail()
    except KeyError as error:
        raise ValueError("in vain") from error
wrong()
""",
    "of the kinds that are explained in one line": "raise OSError(2, 'of the script')",
    "exception in another module": "import beside; beside.fail()",
    "syntax": "print(1)\nprint(2",
    "interrupted": "import signal; signal.raise_signal(signal.SIGINT)",
    "own hook": """
import sys, traceback
sys.excepthook = lambda kind, error, tb: print(traceback.format_exception(error), len(
    traceback.extract_tb(tb)))
raise ValueError("hooked")
""",
    "own end": """
import atexit, threading, time
def later():
    time.sleep(0.2)
    print("thread")
threading.Thread(target=later).start()
atexit.register(print, "end")
print("script")
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_runs_as_by_python(name, script, run, sigint):
    script(PROGRAMS[name])
    arguments = ["folder/script.py", "--help", "-x", "--", "--version", "a b"]
    expected, found = run(*arguments), run(*COMMAND, *arguments)
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr
    assert found.returncode == expected.returncode


def test_the_first_argument_can_be_two_dashes(script, run):
    script("import sys; print(sys.argv)")
    arguments = ["folder/script.py", "--", "accelerate", "folder/script.py"]
    assert run(*COMMAND, *arguments).stdout == run(*arguments).stdout


def test_a_link_to_a_script_finds_the_modules_beside_the_script(script, run, tmp_path):
    script("import beside, sys; print(sys.path[0])")
    (tmp_path / "link.py").symlink_to("folder/script.py")
    assert run(*COMMAND, "link.py").stdout == run("link.py").stdout == f"{tmp_path}/folder\n"


def test_python_without_unsafe_paths_stays_so(script, run):
    script("import beside")
    found = run("-P", *COMMAND, "folder/script.py")
    assert "No module named 'beside'" in found.stderr


def test_a_script_that_cannot_be_read_is_an_error_in_one_line(run):
    found = run(*COMMAND, "no.py")
    assert found.returncode == 2
    assert found.stderr.startswith("denseloop: can't open file 'no.py': [Errno 2]")
    assert found.stderr.count("\n") == 1


ABOUT = """'A program.'
import sys, beside
main = sys.modules["__main__"]
assert vars(main) is globals()
print(__name__, __package__, __file__, __cached__, sys.argv, sys.path[0])
print(__spec__ and (__spec__.name, __spec__.origin, __spec__.parent), type(__loader__), __doc__)
print(sorted({*globals()} - {"__annotations__"}))
print([name for name in sys.modules if "package" in name])
"""


@pytest.fixture
def programs(tmp_path):
    """Make a program in each form that Python runs."""
    files = {
        "beside.py": "",
        "module.py": ABOUT,
        "folder/beside.py": "",
        "folder/__main__.py": ABOUT,
        "without_init/__main__.py": ABOUT,
        "without_main/beside.py": "",
        "package/__init__.py": "import sys; print(sys.argv[0], sys.path[0], __name__)",
        "package/__main__.py": ABOUT,
        "package/module.py": f"{ABOUT}from . import __name__ as package; print(package)",
        "package/fails.py": "def f():\n    raise ValueError(1)\nf()",
        "package/inner/__init__.py": "import no_such_module",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    py_compile.compile(tmp_path / "module.py", tmp_path / "compiled.pyc")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", ABOUT)
        archive.writestr("beside.py", "")


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "package"],
        ["-m", "package.module"],
        ["-m", "module"],
        ["-m", "without_init"],
        ["folder"],
        ["./folder/"],
        ["archive.zip"],
        ["compiled.pyc"],
    ],
    ids=" ".join,
)
def test_modules_folders_and_archives_run_as_by_python(program, programs, run):
    arguments = [*program, "-m", "--help", "-x", "--", "package"]
    expected, found = run(*arguments), run(*COMMAND, *arguments)
    assert expected.returncode == found.returncode == 0, found.stderr
    assert found.stdout == expected.stdout


def test_python_without_unsafe_paths_runs_a_folder_too(programs, run):
    found = run("-P", *COMMAND, "folder")
    assert found.stdout == run("-P", "folder").stdout != ""


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "no_such_module"],
        ["-m", "package.no_such_module"],
        ["-m", "beside.no_such_module"],
        ["-m", "without_main"],
        ["-m", ".package"],
        ["-m", "sys"],
        ["without_main"],
    ],
    ids=" ".join,
)
def test_a_program_that_is_not_there_is_an_error_in_one_line(program, programs, run):
    expected, found = run(*program), run(*COMMAND, *program)
    assert found.returncode == expected.returncode == 1
    assert found.stderr.startswith("denseloop: ") and found.stderr.count("\n") == 1


def test_the_traceback_of_a_module_begins_in_it(programs, run):
    found = run(*COMMAND, "-m", "package.fails")
    assert found.returncode == 1
    lines = found.stderr.splitlines()
    assert lines[0].startswith("Traceback") and 'package/fails.py", line 3' in lines[1]
    assert lines[-1] == "ValueError: 1"
    inner = run(*COMMAND, "-m", "package.inner.module")
    assert inner.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'no_such_module'"


@needs_fifo
def test_a_script_may_be_a_pipe_which_can_be_read_once(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=["print(5)"])
    writer.start()
    assert run(*COMMAND, "pipe", timeout=60).stdout == "5\n"
    writer.join()


def test_without_a_script_the_usage_is_shown(run):
    found = run(*COMMAND)
    assert found.returncode == 2 and "usage: denseloop accelerate" in found.stderr


FIT = """
import sys
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
import warnings
warnings.simplefilter("ignore", ConvergenceWarning)
classifier = MLPClassifier(5, random_state=0, max_iter=30).fit(*load_iris(return_X_y=True))
print(classifier, classifier.loss_.round(9), file=sys.stdout)
print(type(classifier).__module__, file=sys.stderr)
"""


def test_its_perceptrons_are_ours_with_the_same_numbers(script, run):
    script(FIT)
    expected, found = run("folder/script.py"), run(*COMMAND, "folder/script.py")
    assert found.stdout == expected.stdout
    assert expected.stderr == "sklearn.neural_network._multilayer_perceptron\n"
    assert found.stderr == "denseloop.neural_network\n"


SEARCH = """
import os
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

def scoring(estimator, X, y):
    assert os.getpid() != PARENT
    return float(type(estimator).__module__ == "denseloop.neural_network")

PARENT = os.getpid()
X, y = load_iris(return_X_y=True)
search = GridSearchCV(MLPClassifier(5, tol=0.1), {"alpha": [0, 1]}, n_jobs=2, cv=2, scoring=scoring)
print(search.fit(X, y).cv_results_["mean_test_score"])
"""


def test_the_perceptrons_of_its_workers_are_ours_too(script, run):
    script(SEARCH)
    found = run(*COMMAND, "folder/script.py", env={**os.environ, "PYTHONWARNINGS": "ignore"})
    assert found.stdout == "[1. 1.]\n", found.stderr
