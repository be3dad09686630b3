"""A cluster of processes for each module."""

import logging

import pytest

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    """A client of two workers with two threads each."""
    from distributed import Client, LocalCluster

    options = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=2, threads_per_worker=2, **options) as cluster:
        with Client(cluster) as client:
            yield client
