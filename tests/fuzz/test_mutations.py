"""Some seconds of changed files, without libFuzzer: `make fuzz` goes on for longer."""

import time
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.target import check

FILES = sorted((Path(__file__).parents[1] / "files" / "version_1").glob("*.safetensors"))
SECONDS = 3  # for each file


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_changed_files_are_refused_or_sound(path, tmp_path):
    if not path.stem.startswith("network"):
        pytest.importorskip("sklearn")
    data, end, loaded = path.read_bytes(), time.monotonic() + SECONDS, 0
    tried = 0
    while time.monotonic() < end:
        changed = mutated(data, Random(tried))
        try:
            loaded += check(changed, tmp_path)
        except Exception as error:
            kept = tmp_path / f"seed-{tried}.safetensors"
            kept.write_bytes(changed)
            raise AssertionError(f"a changed file is neither refused nor sound: {kept}") from error
        tried += 1
    assert 0 < loaded < tried  # the changes reach both ends
