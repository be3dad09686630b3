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
    ("moons-like", "float64"): "0b658db18de631a293b14aee1ee6e52daa51efe4536577e3a1a4033602bdf3e8",
    ("moons-like", "float32"): "2e516129e897693225075d6a240f212bf4a6595f5685ce5690cbebc08ce2b85a",
    ("one sample", "float64"): "f53327812c35e137beebc429d30c510b9d73984fd5acc38902d2838c457e1e8d",
    ("one sample", "float32"): "c93aea8c37750e09a04e171b3896cbc6c3df054b591c95b41a7e3181d37b1e07",
    ("deep", "float64"): "6627abb1ae3ac0885efdc3c4cc1eb36f9ffc8125d4d11445ea75a68a2631b2cb",
    ("deep", "float32"): "751f997420f26d4fd0cda426aaab7de06108caa7a7e373464d717c90ce71e71a",
    ("wide", "float64"): "62c6722dfb57d00d214e8a24680af13af300f9eebf30840437ff9cc4612d60ef",
    ("wide", "float32"): "6f96c481e661fda96031caf5fc64509260aa6df18b3821ab86038e376a8b47ce",
    ("classes", "float64"): "4a5b4b72c3850985a15c557ef644b6735823f93cb7514b674e567c7de6d90f13",
    ("classes", "float32"): "0ec6bc4437b86c356fad6fe32522453fcc4a675cbe5ff2e9370d1a6b207f71a8",
    ("few samples", "float64"): "fa1a5da677dad4026a3307bd0fc633668fb5f90d81a440441979a6e1999add1d",
    ("few samples", "float32"): "00e0bbe52ee61c570e1ff009eec3b84f139c4995dc91c8a402485858714c1029",
    ("batches", "float64"): "bb55fd58e9eff8816763d5cf7ed366f7fe967764aeb432bbb5bc14b2551a3d28",
    ("batches", "float32"): "6fac1d878ebf44569dd4e62597e4e5bae6de86e315797d70ab528795d0ae941c",
    (
        "batches of few",
        "float64",
    ): "95f9586181d5c9ee2ff34a1a959d29e3235a74697d8ab37be0fbb771f7374b8d",
    (
        "batches of few",
        "float32",
    ): "604f1b3f07d9270736179cf6edbc5ea5b495a53db41e0f1f41fe44164f57e867",
    ("units", "float64"): "811d38f0459e7cba0ef514eda6158a1929de8207e46ca90d975d15dedad1cfd2",
    ("units", "float32"): "cc1b15e63911cda86fd4467059f7b24cffd90ffd917e249f41db895dd1aa51a1",
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
