"""The benchmark of denseloop beside its peers.

`LAYERS` are its parts, the upper ones first: a part imports only parts further down the list.
`bench.__main__` stands above all of them. The harness also imports `tests.oracle`.
"""

LAYERS = ("report", "sections", "peers", "harness")
