"""What is measured: one module for each section.

Each module has

measurements(job) -> list of (str, callable)
    What the job asks for: a label, and a function that returns the result as plain data. The
    result is an entry of the section, or for `conditions` and `start` all that it has.
"""

import importlib

SECTIONS = (
    "epochs",
    "growth",
    "solution",
    "published",
    "functions",
    "listings",
    "calls",
    "estimators",
    "shapes",
    "many",
    "exports",
    "start",
)


def measurements(job):
    """Return the measurements of the job's section; its module is imported only here."""
    return importlib.import_module(f"{__name__}.{job.section}").measurements(job)
