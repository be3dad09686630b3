"""Give `load` what libFuzzer makes up, from the files in tests/files: `make fuzz`.

All options are libFuzzer's: ``python -m tests.fuzz -max_total_time=3600``. Half of the changes are
libFuzzer's, and half those of `mutations`, which know the layout.
"""

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["denseloop"]):
    import denseloop  # noqa: F401
    import denseloop.neural_network  # noqa: F401

from tests.fuzz.mutations import mutated
from tests.fuzz.target import check

FILES = Path(__file__).parents[1] / "files" / "version_1"


def mutate(data, most, seed):
    random = Random(seed)
    if random.random() < 0.5:
        return atheris.Mutate(data, most)
    return mutated(data, random)[:most]


def main():
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for path in FILES.glob("*.safetensors"):
            (corpus / path.stem).write_bytes(path.read_bytes())
        options = ["-max_len=16384", *sys.argv[1:], str(corpus)]
        atheris.Setup(
            [sys.argv[0], *options],
            lambda data: check(data, Path(folder)),
            custom_mutator=mutate,
        )
        atheris.Fuzz()


main()
