"""A stack of networks in one buffer."""

import pickle
import threading
import time
from copy import copy, deepcopy

import denseloop as dl
import numpy as np
import pytest

from tests.many.members import assert_same_training, copies

RNG = np.random.default_rng(17)
X, Y = RNG.random((30, 3)), RNG.random((30, 2))
LAYOUT = {"activation": "tanh", "output_activation": "identity"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rule", ["glorot_uniform", "he_normal", "uniform"])
def test_members_are_networks_of_their_own_seeds(rule, dtype):
    stack = dl.Networks([3, 5, 2], count=7, seed=11, initialization=rule, dtype=dtype)
    seeds = np.random.SeedSequence(11).generate_state(7, np.uint64)
    np.testing.assert_array_equal(stack.seeds, seeds)
    for k, network in enumerate(stack):
        lone = dl.Network([3, 5, 2], seed=int(seeds[k]), initialization=rule, dtype=dtype)
        assert network.seed == lone.seed
        np.testing.assert_array_equal(network.parameters, lone.parameters)
        np.testing.assert_array_equal(stack.parameters[k], lone.parameters)


def test_a_member_shares_its_row():
    stack = dl.Networks([3, 4, 2], count=4, seed=0)
    stack[2].weights[0][...] = 7
    assert (stack.parameters[2, :12] == 7).all()
    stack.parameters[1] = 0
    np.testing.assert_array_equal(stack[1].forward(X), np.full((30, 2), 0.5))
    assert stack[-1] is stack[3] and stack[1:3] == [stack[1], stack[2]]
    assert [network.seed for network in stack] == stack.seeds.tolist()
    with pytest.raises(IndexError):
        stack[4]


@pytest.mark.parametrize("threads", [1, 2])
def test_training_all_is_training_each(threads):
    stack = dl.Networks([3, 4, 2], count=9, seed=3, **LAYOUT)
    alone = [dl.Network([3, 4, 2], seed=int(seed), **LAYOUT) for seed in stack.seeds]
    options = {"epochs": 11, "optimizer": dl.Adam(0.01), "batch_size": 8, "shuffle": True}
    for _ in range(2):
        histories = stack.train(X, Y, num_threads=threads, **options)
        assert_same_training(stack, histories, alone, [{"X": X, "y": Y, **options}] * 9)
    stack[4].train(X, Y, **options)
    alone[4].train(X, Y, **options)
    np.testing.assert_array_equal(stack.parameters[4], alone[4].parameters)


@pytest.mark.parametrize("rows", [1, 3, 30, 300])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_outputs_are_those_of_each(rows, dtype):
    stack = dl.Networks([3, 6, 2], count=5, seed=0, dtype=dtype)
    given = RNG.random((rows, 3))
    outputs = stack.forward(given, num_threads=2)
    assert outputs.shape == (5, rows, 2) and outputs.dtype == dtype
    own = RNG.random((5, rows, 3))
    outputs_of_own = stack(own)
    for k, network in enumerate(stack):
        np.testing.assert_array_equal(outputs[k], network.forward(given))
        np.testing.assert_array_equal(outputs_of_own[k], network.forward(own[k]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (X[:, :2], r"X must have shape \(n_samples, 3\) or \(5, n_samples, 3\), got \(30, 2\)"),
        (X[0], "X must have shape"),
        (RNG.random((4, 2, 3)), "X must have samples for each of the 5 networks"),
        (np.full((2, 3), np.inf), "X must be finite"),
        ([["a"] * 3], "X must hold real numbers"),
    ],
)
def test_samples_that_do_not_fit_are_refused(given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dl.Networks([3, 2], count=5, seed=0).forward(given)


@pytest.mark.parametrize("duplicate", [lambda s: pickle.loads(pickle.dumps(s)), copy, deepcopy])
def test_a_copy_goes_on_like_its_original(duplicate):
    stack = dl.Networks([3, 4, 2], count=6, seed=1, **LAYOUT)
    options = {"epochs": 5, "optimizer": dl.Adam(0.01), "batch_size": 8, "shuffle": True}
    dl.train_many(stack[1:4], X, Y, **options)
    stack[2].note = "kept"
    again = duplicate(stack)
    assert not np.shares_memory(again.parameters, stack.parameters)
    assert again[2].note == "kept" and again.histories[0] is None
    np.testing.assert_array_equal(again.histories[1].loss, stack.histories[1].loss)
    for each in (stack, again):
        each.train(X, Y, **options)
    np.testing.assert_array_equal(again.parameters, stack.parameters)


def test_outputs_are_those_before_or_after_a_training():
    stack = dl.Networks([40, 100, 1], count=6, seed=0)
    given = RNG.normal(size=(20_000, 40))
    before, found = stack.forward(given), []
    stack = dl.Networks([40, 100, 1], count=6, seed=0)  # none was asked for
    reader = threading.Thread(target=lambda: found.append(stack.forward(given, num_threads=1)))
    reader.start()
    time.sleep(0.005)
    stack.train(given[:4], np.zeros((4, 1)), learning_rate=0.5, epochs=1, num_threads=1)
    reader.join()
    for k, outputs in enumerate(found[0]):
        after = stack[k].forward(given)
        assert np.array_equal(outputs, before[k]) or np.array_equal(outputs, after)


def test_all_threads_get_the_same_networks():
    stack = dl.Networks([2, 3, 1], count=300, seed=0)
    found = [[], []]
    threads = [threading.Thread(target=lambda some=some: some.extend(stack)) for some in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(a is b for a, b in zip(*found, strict=True))


def test_the_best_reached_the_lowest_loss():
    stack = dl.Networks([3, 4, 2], count=8, seed=5)
    with pytest.raises(ValueError, match="best needs a network that was trained"):
        stack.best()
    histories = stack.train(X, Y, learning_rate=0.1, epochs=20)
    assert stack.best() is stack[int(np.argmin([h.loss[-1] for h in histories]))]
    held_out = RNG.random((9, 3)), RNG.random((9, 2))
    histories = stack.train(X, Y, learning_rate=0.1, epochs=20, eval_set=held_out)
    assert stack.best() is stack[int(np.argmin([h.validation_loss.min() for h in histories]))]


def test_networks_says_what_it_is():
    stack = dl.Networks([3, 4, 2], count=8, bias=False, dtype="float32", seed=0)
    assert repr(stack) == "Networks([3, 4, 2], bias=False, dtype='float32', count=8)"
    assert len(stack) == 8 and stack.layer_sizes == (3, 4, 2) and not stack.bias


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count must be"),
        ({"count": 2.5}, "count must be"),
        ({"count": 10**30}, "count must be"),
        ({"count": 2, "seed": -1}, "seed must be"),
        ({"count": 2, "initialization": "zeros"}, "initialization must be"),
        ({"count": 10**15}, "(memory|addressable|Unable to allocate|too large)"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises((TypeError, ValueError, MemoryError), match=message):
        dl.Networks([3, 2], **options)


def test_many_networks_are_made_and_trained_within_memory_of_their_parameters():
    stack = dl.Networks([2, 4, 1], count=3000, seed=0)
    alone = copies([stack[0], stack[1500], stack[2999]])
    histories = stack.train(X[:, :2], Y[:, :1], learning_rate=0.2, epochs=10)
    chosen = [0, 1500, 2999]
    own = [{"X": X[:, :2], "y": Y[:, :1], "learning_rate": 0.2, "epochs": 10}] * 3
    assert_same_training([stack[k] for k in chosen], [histories[k] for k in chosen], alone, own)
