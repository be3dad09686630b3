"""Writes the results.json of a run, or replaces some of its sections."""

import json

NAME = "results.json"


def save(run, folder, sections=()):
    """Write the run into the folder.

    Parameters
    ----------
    run : dict
    folder : pathlib.Path
        Created if it does not exist.
    sections : sequence of str
        Sections that were measured: they replace those of the run in the folder, whose other
        sections stay. If empty, all were measured, and the run replaces the one in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    if sections and path.exists():
        run = merge(json.loads(path.read_text(encoding="utf-8")), run, sections)
    text = json.dumps(run, allow_nan=False, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def merge(run, newer, sections):
    """Return `run` with these sections of `newer`, and with their conditions under "apart".

    A section without a single result stays as it was. The roofline belongs to the epochs.
    """
    names = [name for name in sections if newer[name]]
    names += ["roofline"] if "epochs" in names else []
    apart = run.get("apart", {}) | {name: newer["conditions"] for name in names}
    return run | {name: newer[name] for name in names} | {"apart": apart}
