"""The trainings whose bits are committed, for the tests and for the core's test program."""

import hashlib

import numpy as np
from denseloop import Network

CASES = {
    "moons-like": ([2, 4, 1], 100, {}),
    "one sample": ([10, 2, 1], 1, {"update_order": "output_first"}),
    "deep": ([3, 5, 6, 7, 4], 333, {"derivative_at": "output", "loss": "squared_error"}),
    "wide": ([64, 32, 10], 1000, {"reduction": "mean"}),
    "classes": ([4, 9, 5], 77, {"loss": "cross_entropy", "reduction": "mean"}),
    "few samples": ([9, 20, 3], 3, {"derivative_at": "output"}),
    "batches": ([5, 12, 2], 301, {"batch_size": 32, "reduction": "mean"}),
    "batches of few": ([6, 40, 7, 1], 90, {"batch_size": 4}),
    # So wide that threads share the units of a layer; in "wide" they share the tiles.
    "units": ([200, 130, 20], 300, {"batch_size": 200, "reduction": "mean", "epochs": 2}),
}

# Of this version on every CPU target and with every compiler; a change that means to alter the bits
# says so in the changelog.
DIGESTS = {
    ("moons-like", "float64"): "66be481dbfdeba85724a9f621394d1f26a4b0ea8055c10cd0301440dfa7b9dfb",
    ("moons-like", "float32"): "c4afd008f88cb3ab2c21786507db980a3587777cd79c62d04db045383a1b9796",
    ("one sample", "float64"): "7d0a7193986f8bbdfcef3be5699b174eb8305a370955b847bd2a994f4bd50ac4",
    ("one sample", "float32"): "fd4a1d17f198b9789ec3ed9e9f3092937cae4d510b93d79d04df7ccf015a10ae",
    ("deep", "float64"): "f511e92413620248a2c8c73d815c5c3aca06e67fc5058d73edfb7ef33fa7c045",
    ("deep", "float32"): "643b426d41cdca85e2bb65e572110a192b144ba6cc9fdcad4e4d5a8c0f20d8d8",
    ("wide", "float64"): "5d522459717edf95f0c9cf8909ead9d8b653537009227829366868b1a0cab1b4",
    ("wide", "float32"): "a86dfa79442706c398e8230bee03fb12ea9390c194e460e606e59602589d9bfc",
    ("classes", "float64"): "3b55465d859b61ab4ef3ddb5a7b8ec71307b665c557a7141d7a157fa60d1796a",
    ("classes", "float32"): "14202f271a92e6afe05c0f1d84877a57bc256d78c4270958bbccc04091902895",
    ("few samples", "float64"): "ce3d278b782ecd233cae7d6073d88b05b9c432930d0d1c22ff1c0e7606a126f0",
    ("few samples", "float32"): "147e40a88296c836beaec5402cc8b2aeb282fc58363959367af8fcd31ec7ec5d",
    ("batches", "float64"): "b174a17a0f9906eed261b7cd6a57783846a3d685ff68fce92f2f9c3018ddd78b",
    ("batches", "float32"): "11b0fae1b6c30b817d99b251f2a2aad3c5ba3acd38e4f85764798abf0e2472d1",
    (
        "batches of few",
        "float64",
    ): "9ee959b611ebbd1a41978f968aa18dec1158a6f8b62cc2b61415d2f77616a56b",
    (
        "batches of few",
        "float32",
    ): "59f19bac7cc72fc634c2e733d06fc0e92b312eabcdca16dd42500a53794ff56c",
    ("units", "float64"): "80e8d4d4cb776373b2fc0ef40a72b6d3b9ee95d56e4881ef5035b0e2aed13045",
    ("units", "float32"): "81d110cd42cb279f5665ea973a46245d16c7ac2a24239ad495f8dbff1d6e22f8",
}


def prepare(case, dtype):
    """The untrained network of a case, its X and y, and the options of `Network.train`."""
    sizes, samples, options = CASES[case]
    random = np.random.default_rng(1)
    X = random.random((samples, sizes[0])) - 0.5
    classes = options.get("loss") == "cross_entropy"
    y = (
        np.eye(sizes[-1])[random.integers(sizes[-1], size=samples)]
        if classes
        else random.random((samples, sizes[-1]))
    )
    network = Network(
        sizes, output_activation="softmax" if classes else "sigmoid", dtype=dtype, seed=0
    )
    return network, X, y, {"learning_rate": 0.1, "epochs": 20, **options}


def prepare_any_size(dtype):
    """Likewise, for multiply-adds over the whole range of exponents, subnormals included."""
    info, random = np.finfo(dtype), np.random.default_rng(3)

    def numbers(highest_exponent):
        lowest_exponent = info.minexp - info.nmant
        exponents = random.integers(lowest_exponent, highest_exponent, 20_000)
        return np.ldexp(random.uniform(-1, 1, 20_000), exponents).astype(dtype)

    X, weights = numbers(10).reshape(1, -1), numbers(info.maxexp - 40).reshape(-1, 1)
    network = Network([20_000, 1], bias=False, dtype=dtype, weights=[weights])
    # The slope at the output does not vanish, however large the sum is.
    options = {"learning_rate": 0.123, "epochs": 1, "derivative_at": "output"}
    return network, X, np.array([[1e3]]), options


def objective(options):
    """Those of the options that `Network.loss_and_gradients` takes as well."""
    return {k: options[k] for k in ("loss", "reduction", "derivative_at") if k in options}


def results(network, X, y, options):
    """Trains; parameters, losses, gradient and outputs afterwards."""
    history = network.train(X, y, **options)
    gradients = network.loss_and_gradients(X, y, **objective(options))[1]
    return [network.parameters, history.loss, gradients.flat, network.forward(X)]


def digest(arrays):
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()
