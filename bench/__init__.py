"""The benchmark, which compares denseloop with its peers.

`LAYERS` lists its parts from the top down: a part imports only itself and those after it.
`bench.__main__` imports them all. The harness also imports `tests.oracle`.
"""

LAYERS = ("report", "sections", "peers", "harness")
