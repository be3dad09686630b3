"""A run's results.json: written, or some of its sections brought up to date."""

import json

NAME = "results.json"


def save(run, folder, sections=()):
    """Writes the run into the folder.

    Parameters
    ----------
    run : dict
    folder : pathlib.Path
        Made if it is not there.
    sections : sequence of str
        What was measured: it takes its place in the run that the folder has. If empty, all was, and
        what the folder has is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    if sections and path.exists():
        run = updated(json.loads(path.read_text(encoding="utf-8")), run, sections)
    text = json.dumps(run, allow_nan=False, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def updated(run, newer, sections):
    """`run` with some sections of a newer one, and under "apart" the conditions of each.

    A section of which nothing could be measured stays as it was. The roofline goes with the epochs.
    """
    names = [name for name in sections if newer[name]]
    names += ["roofline"] if "epochs" in names else []
    apart = run.get("apart", {}) | {name: newer["conditions"] for name in names}
    return run | {name: newer[name] for name in names} | {"apart": apart}
