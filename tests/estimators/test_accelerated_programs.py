"""`denseloop accelerate` runs a program as Python does, with denseloop's estimators."""

import os
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("path", ["no.py", "folder"])
def test_a_script_that_cannot_be_read_is_an_error_in_one_line(path, script, run):
    found = run(*COMMAND, path)
    assert found.returncode == 2
    assert found.stderr.startswith(f"denseloop: can't open file '{path}': [Errno ")
    assert found.stderr.count("\n") == 1


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
