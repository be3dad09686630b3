"""The benchmark, which compares denseloop with its peers.

Its parts import only downwards: `__main__`, report, sections, peers, harness. The harness also
imports `tests.oracle`.
"""
