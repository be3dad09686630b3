"""Run the notebooks in examples/notebooks and store their outputs; needs nbclient and ipykernel.

The stored outputs have no times of execution, so that a second run changes only what is measured.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "examples" / "notebooks"


def main():
    for path in sorted(FOLDER.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, record_timing=False).execute()
        notebook.metadata.pop("language_info", None)  # it names the version of Python
        nbformat.write(notebook, path)
        print(path.name)


if __name__ == "__main__":
    main()
