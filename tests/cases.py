"""The trainings whose bits are committed, for the tests and for the core's test program."""

import hashlib

import numpy as np
from denseloop import (
    RPROP,
    Adam,
    GradientDescent,
    Huber,
    InverseScaling,
    LeakyReLU,
    Network,
    Quantile,
)

# Layer sizes, number of samples, and options other than full-batch descent with sigmoids.
CASES = {
    "moons-like": ([2, 4, 1], 100, {}),
    "one sample": ([10, 2, 1], 1, {"update_order": "output_first"}),
    # Each row of hidden weights has one number of padding.
    "one sample, three units": (
        [6, 3, 1],
        1,
        {"loss": "squared_error", "weighted": True, "optimizer": GradientDescent(5), "epochs": 200},
    ),
    "deep": ([3, 5, 6, 7, 4], 333, {"derivative_at": "output", "loss": "squared_error"}),
    "wide": ([64, 32, 10], 1000, {"reduction": "mean"}),
    "classes": (
        [4, 9, 5],
        77,
        {"loss": "cross_entropy", "output_activation": "softmax", "reduction": "mean"},
    ),
    "few samples": ([9, 20, 3], 3, {"derivative_at": "output"}),
    "batches": ([5, 12, 2], 301, {"batch_size": 32, "reduction": "mean"}),
    "batches of few": ([6, 40, 7, 1], 90, {"batch_size": 4}),
    # Wide enough for threads to share the units of a layer; in "wide" they share the tiles.
    "units": ([200, 130, 20], 300, {"batch_size": 200, "reduction": "mean", "epochs": 2}),
    # Too large for its tiles to be kept.
    "many inputs": ([650, 6, 2], 420, {"batch_size": 150, "reduction": "mean", "epochs": 2}),
    "gelu": (
        [5, 14, 9, 3],
        150,
        {
            "activation": ["gelu", LeakyReLU(0.2)],
            "output_activation": "gelu",
            "optimizer": Adam(0.01),
            "batch_size": 64,
        },
    ),
    "gelu of few": (
        [6, 30, 11, 2],
        3,
        {"activation": [LeakyReLU(0.1), "gelu"], "output_activation": "identity"},
    ),
    "momentum": (
        [3, 8, 2],
        50,
        {
            "activation": "tanh",
            "output_activation": "identity",
            "optimizer": GradientDescent(0.01, momentum=0.9),
            "loss": Huber(0.3),
            "l2": 0.1,
        },
    ),
    "Nesterov": (
        [3, 8, 6, 2],
        90,
        {
            "activation": ["relu", "identity"],
            "optimizer": GradientDescent(InverseScaling(0.1), momentum=0.9, nesterov=True),
            "loss": "binary_cross_entropy",
            "reduction": "mean",
            "weighted": True,
            "batch_size": 40,
            "shuffle": True,
        },
    ),
    "Adam": (
        [7, 16, 16, 3],
        200,
        {
            "activation": ["tanh", "relu"],
            "output_activation": "exp",
            "optimizer": Adam(0.01),
            "loss": "poisson",
            "batch_size": 32,
            "shuffle": True,
        },
    ),
    "Adam, few": (
        [5, 24, 3],
        10,
        {
            "activation": "relu",
            "output_activation": "identity",
            "optimizer": Adam(0.01),
            "loss": Quantile(0.3),
            "l2": 0.01,
            "weighted": True,
            "batch_size": 3,
            "shuffle": True,
        },
    ),
    # Four blocks of 2048 samples, the last one short; and batches of two blocks.
    "blocks": (
        [3, 8, 2],
        6200,
        {"activation": "tanh", "optimizer": Adam(0.01), "weighted": True, "epochs": 2},
    ),
    "batches of blocks": (
        [4, 6, 3],
        5000,
        {"batch_size": 2500, "reduction": "mean", "shuffle": True, "epochs": 1},
    ),
    "RPROP": (
        [4, 11, 2],
        60,
        {"activation": "tanh", "optimizer": RPROP(), "loss": "absolute_error", "weighted": True},
    ),
}

# Every CPU target and every compiler gives these digests. The changelog names every change that is
# meant to alter them.
DIGESTS = {
    ("moons-like", "float64"): "66be481dbfdeba85724a9f621394d1f26a4b0ea8055c10cd0301440dfa7b9dfb",
    ("moons-like", "float32"): "c4afd008f88cb3ab2c21786507db980a3587777cd79c62d04db045383a1b9796",
    ("one sample", "float64"): "7d0a7193986f8bbdfcef3be5699b174eb8305a370955b847bd2a994f4bd50ac4",
    ("one sample", "float32"): "fd4a1d17f198b9789ec3ed9e9f3092937cae4d510b93d79d04df7ccf015a10ae",
    (
        "one sample, three units",
        "float64",
    ): "7a905eaa0de20ee8e7323edbdd55280d62987e63631d0dd431f19419eb65749d",
    (
        "one sample, three units",
        "float32",
    ): "346af2356fd0e86fcccec78f75c357471c219a47ca60d01d35fa836d43260127",
    ("deep", "float64"): "83bcf1916947bdb5d9d6a50935c946e3dca3d185f4491d3c010f1b8b144583b0",
    ("deep", "float32"): "3bcee4fc64914ca50b5bc58d97f80894dadb808ff339e3d73724379c9b461069",
    ("wide", "float64"): "5d522459717edf95f0c9cf8909ead9d8b653537009227829366868b1a0cab1b4",
    ("wide", "float32"): "a86dfa79442706c398e8230bee03fb12ea9390c194e460e606e59602589d9bfc",
    ("classes", "float64"): "c82a1cf08e1da691325fc62c79b2cabb618fbe1a871ed51696a1136e31dae5f0",
    ("classes", "float32"): "d75e349d52ca21b53e66c58bfd223aeb68f2800a64fff4dee1f9bf30cb509550",
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
    ("many inputs", "float64"): "8c7204ebac72cd4e89387ed1280607819f9a84dd7b5c6f5c51ff7e2311e2be3f",
    ("many inputs", "float32"): "c9ad19ed57f23acabc764a91b5768170e2c8aea7d54cfac616f22d94faa3d743",
    ("momentum", "float64"): "332907081e9961710d7e5f848ef0b22e1d22ca2b6b2ef3ce43c0fa31841fa939",
    ("momentum", "float32"): "a1c505c191df5478c64800b8ba414ed72e98178d56029e9aa22b3454d4397bf3",
    ("Nesterov", "float64"): "6fa9dc822057f3c694ccab6c67df43495dcb1a3b20c98cc630f7f8b6aa66bf4b",
    ("Nesterov", "float32"): "300f3f30245546d7476ededed1e3d3d48c0c1f964f24d35980dde4ff4085c9a2",
    ("Adam", "float64"): "031adfb366775dd16c8c53045e1a6ada9cba31076cac108a2ea2fb4ce59dba5f",
    ("Adam", "float32"): "e6821601568d56e90fa1e7fbc2d4fb4d42bb0ac624bdc82281b03c7b48cafd45",
    ("Adam, few", "float64"): "b8ec9b8ec92437fa2616ae364063f841e18d0a4423600c827e68c7f2f09e3a45",
    ("Adam, few", "float32"): "44ef13253d27713ac7e5ac54279e01cf38e7c86e695d5c12652d4880a3e43547",
    ("gelu", "float64"): "67982a764ae43150296b91008250b0b7be26c2a1515e8387ccf6e90e9c110d5b",
    ("gelu", "float32"): "9727f80683653ef1e1e03c71d7837bbedfc7421379e14cc6bea948f38e5f067c",
    ("gelu of few", "float64"): "34a0629403e42f89a93c0f6c2c19f60ba2b881155649f54fc4d0d1e3bfa4ae1d",
    ("gelu of few", "float32"): "0c4e6ee5a96d8e58bdae220a225cf9b041b538e0254940b19a216ae1c858749e",
    ("blocks", "float64"): "bae692931df27a0dc804d54a6d58a877ff498feb428b933199d2bd1b9c4b8c70",
    ("blocks", "float32"): "7741bab02cecc45f10357737723d2962a65ee1ac38812d95194ba55824e73dc3",
    (
        "batches of blocks",
        "float64",
    ): "93b1f3d6dd207a763ca1004609284e196761dec4ff3b803e6aed967ab64baff2",
    (
        "batches of blocks",
        "float32",
    ): "88cdc32c828810c5befb3c36e2f1a6303174e1e7fd1cdb890295db9ff0d9f289",
    ("RPROP", "float64"): "72f097561c42571a8cd4a90cdb23e17dd4d8a9fadba092153b8cd71c18177254",
    ("RPROP", "float32"): "9639931b69a2c0c259a7a1ff677589d1c2e196dda0dc3f9198b36736b5f479b6",
}


def prepare(case, dtype):
    """Return the untrained network of a case, X, y and the options of `Network.train`."""
    sizes, samples, options = CASES[case]
    options = {"epochs": 20, **options}
    random = np.random.default_rng(1)
    X = random.random((samples, sizes[0])) - 0.5
    y = (
        np.eye(sizes[-1])[random.integers(sizes[-1], size=samples)]
        if options.get("loss") == "cross_entropy"
        else random.random((samples, sizes[-1]))
    )
    if options.pop("weighted", False):
        options["sample_weight"] = random.random(samples)
    if "optimizer" not in options:
        options["learning_rate"] = 0.1
    layers = {
        name: options.pop(name) for name in ("activation", "output_activation") if name in options
    }
    return Network(sizes, dtype=dtype, seed=0, **layers), X, y, options


def prepare_any_size(dtype):
    """Return the same for multiply-adds over all exponents, subnormals included."""
    info, random = np.finfo(dtype), np.random.default_rng(3)

    def numbers(highest_exponent):
        lowest_exponent = info.minexp - info.nmant
        exponents = random.integers(lowest_exponent, highest_exponent, 20_000)
        return np.ldexp(random.uniform(-1, 1, 20_000), exponents).astype(dtype)

    X, weights = numbers(10).reshape(1, -1), numbers(info.maxexp - 40).reshape(-1, 1)
    network = Network([20_000, 1], bias=False, dtype=dtype, weights=[weights])
    # The derivative at the output does not vanish, however large the sum is.
    options = {"learning_rate": 0.123, "epochs": 1, "derivative_at": "output"}
    return network, X, np.array([[1e3]]), options


def objective(options):
    """Return the options that `Network.loss_and_gradients` takes too."""
    names = ("loss", "reduction", "derivative_at", "l2", "sample_weight")
    return {name: options[name] for name in names if name in options}


def results(network, X, y, options):
    """Train, and return the parameters, the losses, the gradient and the outputs."""
    history = network.train(X, y, **options)
    gradients = network.loss_and_gradients(X, y, **objective(options))[1]
    return [network.parameters, history.loss, gradients.flat, network.forward(X)]


def digest(arrays):
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()
