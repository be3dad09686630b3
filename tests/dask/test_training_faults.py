"""What ends or disturbs a training leaves the network after its last finished update."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import dask.array as da
import denseloop as dl
import numpy as np
import pytest
from denseloop.dask import train

from tests.dask import kills, processes
from tests.dask.samples import tasks_of, wait_until

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.timeout(120)
X = np.random.default_rng(0).uniform(-1, 1, (20_000, 3))
Y = np.sin(X[:, :1]) + X[:, 1:2]


def lazy():
    return da.from_array(X, chunks=(3000, 3)), da.from_array(Y, chunks=(3000, 1))


def new():
    return dl.Network([3, 5, 1], output_activation="identity", seed=0)


def digest_after(epochs):
    network = new()
    network.train(X, Y, optimizer="adam", reduction="mean", epochs=epochs)
    return network.digest()


def test_a_few_random_kills_change_no_bit():
    assert kills.survive(6, seed=1) >= 1


def test_a_worker_that_joins_is_used_and_changes_no_bit(tmp_path):
    with contextlib.ExitStack() as stack:
        _, address = stack.enter_context(processes.scheduler(tmp_path))
        stack.enter_context(processes.worker(address))
        client = stack.enter_context(distributed.Client(address))
        wait_until(lambda: len(client.nthreads()) == 1)
        network, sizes = new(), []

        def callback(progress):
            if progress.epoch == 2:
                stack.enter_context(processes.worker(address))
                wait_until(lambda: len(client.nthreads()) == 2)
            homes = [key for key in client.has_what().values() if key]
            sizes.append(len(homes))
            return len(homes) == 2

        options = {"optimizer": "adam", "reduction": "mean", "epochs": 10_000}
        train(client, network, *lazy(), callback=callback, **options)
        assert sizes[0] == 1 and sizes[-1] == 2
        assert network.digest() == digest_after(len(network.history.loss))


def test_a_lost_scheduler_is_a_clear_error_and_keeps_the_last_update(tmp_path):
    with contextlib.ExitStack() as stack:
        process, address = stack.enter_context(processes.scheduler(tmp_path))
        stack.enter_context(processes.worker(address))
        client = stack.enter_context(distributed.Client(address))
        network = new()

        def callback(progress):
            if progress.epoch == 3:
                process.kill()
                process.wait()

        with pytest.raises(ConnectionError, match="scheduler must stay connected"):
            train(
                *(client, network, *lazy()),
                **{"optimizer": "adam", "reduction": "mean", "epochs": 10_000},
                callback=callback,
            )
        epochs = len(network.history.loss)
        assert epochs >= 3 and network.history.stopped_by == "interrupt"
        assert network.digest() == digest_after(epochs)


PROGRAM = """
import sys, time
import denseloop as dl
import distributed
from denseloop.dask import train
from tests.dask.test_training_faults import digest_after, lazy, new

client, network = distributed.Client(sys.argv[1]), new()

def callback(progress):
    if progress.epoch == 3:
        print("ready", flush=True)

try:
    train(client, network, *lazy(), optimizer="adam", reduction="mean", epochs=10**9,
          callback=callback)
except KeyboardInterrupt:
    print(time.time(), flush=True)
    print(network.digest() == digest_after(len(network.history.loss)), flush=True)
"""


def test_ctrl_c_leaves_the_last_update_and_no_task(tmp_path):
    with contextlib.ExitStack() as stack:
        _, address = stack.enter_context(processes.scheduler(tmp_path))
        stack.enter_context(processes.worker(address))
        client = stack.enter_context(distributed.Client(address))
        command = [sys.executable, "-c", PROGRAM, address]
        child = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        )
        assert child.stdout.readline() == "ready\n"
        sent = time.time()
        child.send_signal(signal.SIGINT)
        raised = float(child.stdout.readline())
        assert raised - sent < 1
        assert child.stdout.readline() == "True\n"
        assert child.wait() == 0
        wait_until(lambda: not tasks_of(client))


def test_two_trainings_by_one_client_do_not_wait_for_each_other(tmp_path):
    with contextlib.ExitStack() as stack:
        _, address = stack.enter_context(processes.scheduler(tmp_path))
        for _ in range(2):
            stack.enter_context(processes.worker(address))
        client = stack.enter_context(distributed.Client(address))
        wait_until(lambda: len(client.nthreads()) == 2)
        networks, met = [new(), new()], threading.Barrier(2, timeout=30)

        def run(network):
            # Each waits in every epoch for the other one.
            train(
                *(client, network, *lazy()),
                **{"optimizer": "adam", "reduction": "mean", "epochs": 5},
                callback=lambda progress: met.wait() < 0,
            )

        threads = [threading.Thread(target=run, args=(network,)) for network in networks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [network.digest() for network in networks] == [digest_after(5)] * 2
