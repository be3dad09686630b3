"""The cases for which other libraries publish figures.

Those libraries are not run here: their figures are those of their authors, on their machines. The
peers that are run here do the same work.
"""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from bench import peers
from bench.harness.measure import Patience, measure
from bench.sections.cases import random_case

SIMPLE_CHAINS = "https://github.com/PumasAI/SimpleChains.jl"
BLOG = "https://julialang.org/blog/2022/04/simple-chains/"
OPENNN = "https://www.opennn.net/blog/higgs-cpu-opennn-pytorch/"
HIGGS_SAMPLES = 2000  # of the 10 million: an epoch takes as long for each sample


@dataclass(frozen=True)
class Figure:
    """A figure of another library.

    Parameters
    ----------
    library, machine, source : str
    seconds : float
        Time of the entry's epoch or call.
    """

    library: str
    machine: str
    seconds: float
    source: str


@dataclass(frozen=True)
class Published:
    """A case, its dtype, the published figures, and how the work there differs."""

    make: partial
    dtype: str
    figures: list[Figure]
    difference: str


CASES = [
    Published(
        partial(
            random_case,
            200,
            [24, 8, 2],
            0.0,
            activation="tanh",
            output_activation="identity",
            updates=False,
            prepared=True,
            note=", tanh, loss and gradients",
        ),
        "float64",
        [Figure("SimpleChains.jl", "not named", 5.657e-6, f"{SIMPLE_CHAINS}#readme")],
        "There the hidden layer has dropout, and the output layer no bias.",
    ),
    Published(
        partial(
            random_case,
            10_000,
            [4, 32, 16, 4],
            0.001,
            activation="tanh",
            output_activation="identity",
            reduction="mean",
            optimizer="adam",
            note=", tanh, Adam",
        ),
        "float32",
        [
            Figure("SimpleChains.jl", "Intel i9-10980XE, 18 cores, AVX-512", 41e-6, BLOG),
            Figure("SimpleChains.jl", "AMD EPYC 7513, 32 cores, AVX2", 72e-6, BLOG),
            Figure(
                "SimpleChains.jl",
                "Intel i7-1165G7, 4 cores, AVX-512",
                164e-6,
                "https://pumasai.github.io/SimpleChains.jl/stable/examples/smallmlp/",
            ),
        ],
        "There the targets are matrix exponentials; here they are random.",
    ),
    Published(
        partial(
            random_case,
            HIGGS_SAMPLES,
            [28, *[300] * 5, 1],
            0.05,
            activation="tanh",
            reduction="mean",
            batch_size=100,
            note=", tanh, batches of 100",
        ),
        "float32",
        [
            Figure("OpenNN", "Intel i9-12900K, 16 threads", HIGGS_SAMPLES / 72_000, OPENNN),
            Figure("PyTorch 2.6", "Intel i9-12900K, 16 threads", HIGGS_SAMPLES / 46_000, OPENNN),
        ],
        "The published 72 000 and 46 000 samples a second are shown as the time of as many samples "
        "as here. There the descent has momentum and weight decay, an epoch ends with a "
        "validation, and the data are HIGGS; here they are random.",
    ),
]
QUICK = CASES[:1]


def measurements(job):
    chosen, patience = peers.choose(job), Patience(quick=job.quick)

    def measure_case(published):
        case = published.make(np.dtype(published.dtype))
        return measure(case, chosen, job, patience) | {
            "published": [asdict(figure) for figure in published.figures],
            "difference": published.difference,
        }

    return [
        (f"{name}, {published.dtype}", partial(measure_case, published))
        for published in (QUICK if job.quick else CASES)
        if published.dtype in job.dtypes
        for name in [published.make(np.dtype(published.dtype)).name]
        if job.has_case(name)
    ]
