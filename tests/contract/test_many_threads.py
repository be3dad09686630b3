"""Many threads use networks of their own and shared ones, with or without the GIL."""

import copy
import pickle
import sys
import sysconfig
import threading
import time

import numpy as np
import pytest
from denseloop import RPROP, Adam, GradientDescent, Network, Networks, _core, train_many

THREADS = 8
ALL = np.random.default_rng(0).random((4000, 3))
ALL_Y = ALL[:, :1] * ALL[:, 1:2]
X, Y = ALL[:40], ALL_Y[:40]
OPTIONS = dict(optimizer=Adam(0.01), reduction="mean", batch_size=10, shuffle=True, epochs=3)


def all_at_once(work, threads=THREADS):
    """Call work(number) in as many threads, which begin together; raise the first error."""
    start, errors = threading.Barrier(threads), []

    def run(number):
        start.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    all_threads = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    if errors:
        raise errors[0]


def new_network():
    return Network([3, 5, 1], seed=0)


def is_in_use(error):
    return "in use" in str(error)


# A training of few samples keeps the GIL, if there is one. One of many lets other threads run.
few_and_many_samples = pytest.mark.parametrize(
    ("X", "Y"), [(X, Y), (ALL, ALL_Y)], ids=["few samples", "many samples"]
)


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="has a GIL")
def test_the_import_leaves_the_gil_off():
    assert not sys._is_gil_enabled()


def test_networks_of_their_own_have_the_bits_of_one_thread():
    alone = new_network()
    losses = [alone.train(X, Y, **OPTIONS).loss for _ in range(20)]
    found = [None] * THREADS

    def work(number):
        net = new_network()
        for loss in losses:
            assert np.array_equal(net.train(X, Y, **OPTIONS).loss, loss)
        found[number] = net.parameters

    all_at_once(work)
    assert all(np.array_equal(parameters, alone.parameters) for parameters in found)


def test_a_shared_network_is_trained_by_one_thread_at_a_time():
    net, finished = new_network(), []

    def work(number):
        for _ in range(50):
            try:
                finished.append(len(net.train(X, Y, **OPTIONS).loss))
            except RuntimeError as error:
                assert is_in_use(error)

    all_at_once(work)
    assert finished and set(finished) == {3}
    alone = new_network()
    for _ in finished:
        alone.train(X, Y, **OPTIONS)
    assert np.array_equal(net.parameters, alone.parameters)


@few_and_many_samples
def test_copies_of_a_shared_network_go_on_as_it_would(X, Y):
    """Each copy or pickle is of one moment: parameters, state and shuffled epochs fit."""
    net, whole, trainings = new_network(), {}, []
    ended = threading.Event()

    def work(number):
        if number == 0:
            while len(trainings) < 60 or (len(whole) < 6 and len(trainings) < 6000):
                trainings.append(net.train(X, Y, **OPTIONS))
                time.sleep(0.002)  # else the others would seldom find it between trainings
            ended.set()
        while not ended.is_set():
            copied = (copy.deepcopy if number % 2 else unpickled)(net)
            if copied._parameters.core.optimizer_state is not None:
                whole[copied.parameters.tobytes()] = copied

    all_at_once(work, 4)
    assert len(whole) > 5
    alone, by_bits = new_network(), {}
    for _ in range(len(trainings) + 1):
        by_bits[alone.parameters.tobytes()] = copy.deepcopy(alone)
        alone.train(X, Y, **OPTIONS)
    for bits, each in whole.items():
        expected = by_bits[bits]
        loss = each.train(X, Y, **OPTIONS).loss
        assert np.array_equal(loss, expected.train(X, Y, **OPTIONS).loss)


def unpickled(net):
    return pickle.loads(pickle.dumps(net))


@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="has no GIL")
def test_copies_keep_a_training_waiting_no_longer_than_other_python():
    def seconds_beside(work):
        net, ended = new_network(), threading.Event()

        def run(number):
            if number == 1:
                while not ended.is_set():
                    work(net)
                return
            for _ in range(30):
                net.train(ALL, ALL_Y, **OPTIONS)
            ended.set()

        start = time.perf_counter()
        all_at_once(run, 2)
        return time.perf_counter() - start

    assert seconds_beside(copy.deepcopy) < 5 * seconds_beside(lambda net: sum(range(10)))


@few_and_many_samples
def test_optimizers_take_turns_on_a_shared_network(X, Y):
    net = new_network()

    def work(number):
        optimizer = [Adam(0.01), RPROP(), "lm", GradientDescent(0.1)][number % 4]
        for _ in range(30):
            try:
                net.train(X, Y, optimizer=optimizer, epochs=2)
            except RuntimeError as error:
                assert is_in_use(error)
            repr(net), net.forward(X[:2]), net.forward(X)

    all_at_once(work)
    assert np.isfinite(net.parameters).all()


def test_outputs_of_a_shared_network_are_those_of_one_thread():
    net, objective = new_network(), new_network().objective(X, Y)
    outputs, few, value = net.forward(X), net.forward(X[:1]), objective.loss(net.parameters)

    def work(number):
        for _ in range(200):
            assert np.array_equal(net.forward(X), outputs)
            assert np.array_equal(net.forward(X[:1]), few)
            assert objective.loss(net.parameters) == value

    all_at_once(work)


def test_members_of_shared_networks_are_made_once():
    for _ in range(20):
        networks, members = Networks([3, 5, 1], count=16, seed=0), [None] * THREADS

        def work(number, networks=networks, members=members):
            members[number] = [networks[k] for k in range(16)]
            networks.forward(X)

        all_at_once(work)
        for k in range(16):
            assert len({id(each[k].parameters.base) for each in members}) == 1


def test_many_networks_are_trained_beside_others():
    alone = [Network([3, 5, 1], seed=k) for k in range(20)]
    train_many(alone, X, Y, **OPTIONS)

    def work(number):
        for _ in range(5):
            networks = [Network([3, 5, 1], seed=k) for k in range(20)]
            train_many(networks, X, Y, num_threads=2, **OPTIONS)
            for net, expected in zip(networks, alone, strict=True):
                assert np.array_equal(net.parameters, expected.parameters)

    all_at_once(work)


def test_the_target_may_change_meanwhile():
    before, outputs = _core.active_target(), new_network().forward(X)
    names = _core.available_targets()

    def work(number):
        for k in range(100):
            _core.force_target(names[(number + k) % len(names)])
            assert np.array_equal(new_network().forward(X), outputs)

    try:
        all_at_once(work)
    finally:
        _core.force_target(before)
