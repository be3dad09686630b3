"""Estimators with a network for each group: each as if alone."""

import denseloop as dl
import numpy as np
import pandas as pd
import pytest
from denseloop.neural_network import MLPGroupsClassifier, MLPGroupsRegressor
from sklearn import neural_network as theirs
from sklearn.datasets import make_blobs

RNG = np.random.default_rng(18)
SIZES = [1, 3, 7, 7, 30, 2, 45]
GROUPS = RNG.permutation(np.repeat([4, -2, 10, 7, 0, 3, 99], SIZES))
X = RNG.standard_normal((len(GROUPS), 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * GROUPS
WEIGHTS = RNG.random(len(GROUPS)) + 0.1
UNHEEDED = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
pytestmark = UNHEEDED


def first_network(estimator, n_outputs=1, output="identity", dtype="float64"):
    """Return the network that a group starts from: by scikit-learn's rule, with another seed."""
    random = np.random.RandomState(estimator.random_state)
    weights, biases = [], []
    for fans in ((3, 8), (8, n_outputs)):
        bound = np.sqrt(6 / sum(fans))
        weights.append(random.uniform(-bound, bound, fans).astype(dtype))
        biases.append(random.uniform(-bound, bound, fans[1]).astype(dtype))
    return dl.Network(
        [3, 8, n_outputs],
        activation="relu",
        output_activation=output,
        dtype=dtype,
        weights=weights,
        biases=biases,
        seed=random.randint(2**31 - 1),
    )


SOLVERS = {
    "adam": {"optimizer": dl.Adam(0.01)},
    "sgd": {"optimizer": dl.GradientDescent(0.01, momentum=0.9, nesterov=True)},
    "rprop": {"optimizer": dl.RPROP()},
    "lbfgs": {"optimizer": dl.LBFGS(gradient_tolerance=1e-4)},
    "lm": {"optimizer": dl.LevenbergMarquardt(gradient_tolerance=1e-4)},
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_each_group_has_the_bits_of_a_network_trained_on_its_rows(solver, dtype, weighted):
    given = X.astype(dtype)
    estimator = MLPGroupsRegressor(solver=solver, max_iter=40, random_state=5, batch_size=16)
    weights = WEIGHTS if weighted else None
    estimator.fit(given, Y, groups=GROUPS, sample_weight=weights)
    outputs = estimator.predict(given, groups=GROUPS)
    assert estimator.groups_.tolist() == sorted({*GROUPS.tolist()})
    for k, group in enumerate(estimator.groups_):
        rows = GROUPS == group
        alone = first_network(estimator, dtype=dtype)
        options = {"reduction": "mean", "l2": 1e-4, "epochs": 40, **SOLVERS[solver]}
        if solver in ("adam", "sgd"):
            options |= {"batch_size": min(16, int(rows.sum())), "shuffle": True}
        if solver in ("adam", "sgd", "rprop"):
            options["stopping"] = dl.EarlyStopping(patience=11, tolerance=1e-4)
        own = weights[rows] if weighted else None
        history = alone.train(given[rows], Y[rows], sample_weight=own, **options)
        np.testing.assert_array_equal(estimator.parameters_[k], alone.parameters)
        np.testing.assert_array_equal(estimator.network(group).parameters, alone.parameters)
        assert estimator.n_iter_[k] == len(history.loss)
        assert estimator.losses_[k] == history.loss[-1]
        np.testing.assert_array_equal(outputs[rows], alone.forward(given[rows])[:, 0])


def test_a_group_does_not_depend_on_the_others():
    fitted = MLPGroupsRegressor(random_state=1).fit(X, Y, groups=GROUPS)
    some = np.isin(GROUPS, [7, 99])
    again = MLPGroupsRegressor(random_state=1).fit(X[some], Y[some], groups=GROUPS[some])
    np.testing.assert_array_equal(again.parameters_, fitted.parameters_[[4, 6]])
    other = MLPGroupsRegressor(random_state=2).fit(X[some], Y[some], groups=GROUPS[some])
    assert (other.parameters_ != again.parameters_).any()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_more_groups_than_are_trained_at_once(threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    groups = np.repeat(np.arange(1300), RNG.integers(1, 4, 1300))
    inputs, targets = RNG.random((len(groups), 2)), RNG.random(len(groups))
    fitted = MLPGroupsRegressor(3, max_iter=3, random_state=0).fit(inputs, targets, groups=groups)
    outputs = fitted.predict(inputs, groups=groups)
    for group in (0, 511, 512, 1299):
        rows = groups == group
        alone = MLPGroupsRegressor(3, max_iter=3, random_state=0).fit(inputs[rows], targets[rows])
        np.testing.assert_array_equal(alone.parameters_[0], fitted.parameters_[group])
        np.testing.assert_array_equal(alone.predict(inputs[rows]), outputs[rows])


LAYERS = [
    {"hidden_layer_sizes": 8},
    {"hidden_layer_sizes": (7, 4), "activation": "tanh", "alpha": 0.1},
    {"hidden_layer_sizes": (6,), "activation": "logistic", "solver": "sgd", "momentum": 0.5},
    {"hidden_layer_sizes": (), "solver": "sgd", "nesterovs_momentum": False},
]


@pytest.mark.parametrize("options", LAYERS)
@pytest.mark.parametrize("kind", ["Regressor", "Classifier"])
def test_small_groups_have_the_numbers_of_a_loop_over_scikit_learns(kind, options):
    groups = np.repeat(np.arange(9), 30)
    inputs = RNG.standard_normal((270, 3))
    targets = np.tanh((inputs * RNG.standard_normal((9, 3))[groups]).sum(axis=1))
    ours, other = MLPGroupsRegressor, theirs.MLPRegressor
    if kind == "Classifier":
        ours, other, targets = MLPGroupsClassifier, theirs.MLPClassifier, np.sign(targets)
    options = {"random_state": 3, "max_iter": 150, "learning_rate_init": 0.02, **options}
    fitted = ours(tol=1e-3, **options).fit(inputs, targets, groups=groups)
    outputs = fitted.predict(inputs, groups=groups)
    for group in range(9):
        rows = groups == group
        alone = other(tol=1e-3, **options).fit(inputs[rows], targets[rows])
        assert fitted.n_iter_[group] == alone.n_iter_
        np.testing.assert_allclose(fitted.losses_[group], alone.loss_, rtol=1e-9)
        np.testing.assert_allclose(outputs[rows], alone.predict(inputs[rows]), atol=1e-6)
        for found, expected in zip(fitted.network(group).weights, alone.coefs_):
            np.testing.assert_allclose(found, expected, atol=1e-6)
    assert len({*fitted.n_iter_.tolist()}) > 1  # some stopped early


@pytest.mark.parametrize(("solver", "optimizer"), [("adam", dl.Adam(0.01)), ("rprop", dl.RPROP())])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_classifiers_groups_share_the_classes(n_classes, solver, optimizer):
    inputs, numbers = make_blobs(120, 3, centers=n_classes, random_state=3)
    names = np.array(["ash", "beech", "cedar"])
    labels, groups = names[numbers], np.repeat(["x", "y", "z"], 40)
    labels[:40] = "beech"  # one group has one class, and another lacks one
    labels[40:80][labels[40:80] == "ash"] = "beech"
    options = {"max_iter": 60, "random_state": 0, "solver": solver}
    fitted = MLPGroupsClassifier(**options).fit(inputs, labels, groups=groups)
    assert fitted.classes_.tolist() == names[:n_classes].tolist()
    probabilities = fitted.predict_proba(inputs, groups=groups)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    predicted = fitted.predict(inputs, groups=groups)
    assert predicted[:40].tolist() == ["beech"] * 40
    assert fitted.score(inputs, labels, groups=groups) == (predicted == labels).mean() > 0.9
    output, loss = "sigmoid", "binary_cross_entropy"
    targets = (labels == "beech")[:, None] * 1.0
    if n_classes == 3:
        output, loss, targets = (
            "softmax",
            "cross_entropy",
            np.array(labels[:, None] == names, float),
        )
    for k, group in enumerate("xyz"):
        rows = groups == group
        alone = first_network(fitted, targets.shape[1], output)
        stopping = dl.EarlyStopping(patience=11, tolerance=1e-4)
        alone.train(
            *(inputs[rows], targets[rows]),
            **{"loss": loss, "reduction": "mean", "l2": 1e-4, "epochs": 60, "stopping": stopping},
            **{"optimizer": optimizer, "shuffle": solver == "adam"},
        )
        np.testing.assert_array_equal(fitted.parameters_[k], alone.parameters)
        own = alone.forward(inputs[rows])
        own = np.hstack([1 - own, own]) if n_classes == 2 else own
        np.testing.assert_array_equal(probabilities[rows], own)


@pytest.mark.parametrize(
    ("loss", "of_network"),
    [("poisson", "poisson"), ("huber", dl.Huber(1.0)), (dl.Quantile(0.9), dl.Quantile(0.9))],
)
def test_other_losses_are_those_of_a_network(loss, of_network):
    counts = RNG.poisson(3, len(X))
    fitted = MLPGroupsRegressor(loss=loss, solver="rprop", max_iter=20, random_state=0)
    fitted.fit(X, counts, groups=GROUPS)
    alone = first_network(fitted, output="exp" if loss == "poisson" else "identity")
    rows = GROUPS == 99
    stopping = dl.EarlyStopping(patience=11, tolerance=1e-4)
    options = {"optimizer": dl.RPROP(), "reduction": "mean", "l2": 1e-4, "epochs": 20}
    alone.train(X[rows], counts[rows], loss=of_network, stopping=stopping, **options)
    np.testing.assert_array_equal(fitted.network(99).parameters, alone.parameters)


def test_several_outputs_stay_columns():
    targets = np.column_stack([Y, -Y])
    fitted = MLPGroupsRegressor(solver="lm", random_state=0).fit(X, targets, groups=GROUPS)
    assert fitted.predict(X, groups=GROUPS).shape == targets.shape
    assert fitted.score(X, targets, groups=GROUPS) > 0.99


def frame(**more):
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], **more})


NAMES = np.array([f"shop {group}" for group in GROUPS])


@pytest.mark.parametrize(
    "form",
    [
        lambda names: names,
        list,
        lambda names: names.astype(object),
        lambda names: np.array([*names, None])[:-1],  # of numpy.str_
        pd.Series,
        lambda names: pd.Series(names, index=np.arange(len(names))[::-1], dtype="category"),
        lambda names: pd.Series(names, dtype="string"),
        pd.Categorical,
    ],
)
def test_groups_of_any_form_are_the_same_groups(form):
    expected = MLPGroupsRegressor(max_iter=3, random_state=0).fit(X, Y, groups=NAMES)
    found = MLPGroupsRegressor(max_iter=3, random_state=0).fit(X, Y, groups=form(NAMES))
    assert found.groups_.tolist() == expected.groups_.tolist() == sorted({*NAMES.tolist()})
    np.testing.assert_array_equal(found.parameters_, expected.parameters_)
    np.testing.assert_array_equal(
        found.predict(X, groups=form(NAMES)), expected.predict(X, groups=NAMES)
    )


@pytest.mark.parametrize(
    "numbers",
    [
        np.array([-128, 127, 0, 5, -3, 100, 30], np.int8),
        np.array([0, 2**64 - 1, 5, 2**63, 7, 9, 2**40], np.uint64),
        np.array([2**64 - 1, 2**64 - 3, 2**64 - 5, 2**63 + 2**62 + 2**61, 7, 1, 2], np.uint64),
        np.array([-(2**63), 2**63 - 1, 0, 1, 2, 3, 4]),
        np.array([0.5, -1.0, np.inf, 1e300, -np.inf, 2.0, 3.0]),
        np.array([True, False, True, True, False, True, True]),
    ],
)
def test_groups_of_any_numbers_are_told_apart(numbers):
    groups = numbers[np.unique(GROUPS, return_inverse=True)[1]]
    fitted = MLPGroupsRegressor(max_iter=2, random_state=0).fit(X, Y, groups=groups)
    assert fitted.groups_.dtype == numbers.dtype
    assert fitted.groups_.tolist() == sorted({*numbers.tolist()})
    outputs = fitted.predict(X, groups=groups)
    for group in fitted.groups_:
        rows = groups == group
        alone = MLPGroupsRegressor(max_iter=2, random_state=0).fit(X[rows], Y[rows])
        np.testing.assert_array_equal(outputs[rows], alone.predict(X[rows]))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (frame(shop=NAMES)[["a", "shop", "b", "c"]], "shop"),
        (frame(shop=pd.Categorical(NAMES)), "shop"),
        (frame(shop=NAMES), -1),
        (np.column_stack([X, GROUPS]), 3),
        (np.column_stack([GROUPS, X]).tolist(), 0),
        (frame(shop=NAMES).to_numpy(), 3),
        (frame(shop=NAMES).to_numpy().tolist(), 3),
    ],
)
def test_a_column_of_the_samples_has_the_groups_and_is_no_feature(table, column):
    of_names = isinstance(column, str) or any(isinstance(v, str) for v in np.ravel(table))
    groups = NAMES if of_names else GROUPS
    expected = MLPGroupsRegressor(max_iter=3, random_state=0).fit(X, Y, groups=groups)
    found = MLPGroupsRegressor(max_iter=3, random_state=0, group_column=column).fit(table, Y)
    np.testing.assert_array_equal(found.parameters_, expected.parameters_)
    np.testing.assert_array_equal(found.predict(table), expected.predict(X, groups=groups))
    assert found.score(table, Y) == expected.score(X, Y, groups=groups)
    assert found.n_features_in_ == 4
    if isinstance(table, pd.DataFrame):
        assert found.feature_names_in_.tolist() == list(table.columns)
        with pytest.raises(ValueError, match="feature names"):
            found.predict(table[list(table.columns)[::-1]])


def test_unseen_groups_get_the_network_of_all_rows():
    options = {"max_iter": 30, "random_state": 0}
    fitted = MLPGroupsRegressor(unseen="pooled", **options).fit(X, Y, groups=GROUPS)
    pooled = MLPGroupsRegressor(**options).fit(X, Y)
    np.testing.assert_array_equal(fitted.pooled_parameters_, pooled.parameters_[0])
    groups = np.where(np.arange(len(X)) % 3 == 0, 1000 + GROUPS, GROUPS)
    expected = np.where(groups >= 900, pooled.predict(X), fitted.predict(X, groups=GROUPS))
    np.testing.assert_array_equal(fitted.predict(X, groups=groups), expected)
    np.testing.assert_array_equal(fitted.network(-7).parameters, pooled.parameters_[0])


def fitted_by(**options):
    return MLPGroupsRegressor(max_iter=2, random_state=0, **options).fit(X, Y, groups=GROUPS)


ZERO = np.where(GROUPS == 7, 0.0, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fitted_by().predict(X, groups=GROUPS + 5),
            r"among the 7 of the training, got 6 others: 5, 8, 9, 12, 15, \.\.\.; fit with unseen",
        ),
        (lambda: fitted_by().predict(X), "as in the training, which had some, got none"),
        (
            lambda: MLPGroupsRegressor().fit(X, Y).predict(X, groups=GROUPS),
            "as in the training, which had none, got some",
        ),
        (lambda: fitted_by().predict(X, groups=NAMES), "numbers as in the .*, got strings such as"),
        (lambda: fitted_by().predict(X, groups=GROUPS[1:]), "inconsistent numbers of samples"),
        (lambda: fitted_by().network(8), "among the 7 of the training, got 1 others: 8"),
        (lambda: fitted_by(group_column=0), "groups or a group_column, got .* group_column=0"),
        (lambda: fitted_by(unseen="mean"), "'unseen' parameter .* Got 'mean'"),
        (lambda: fitted_by(activation=["relu", "tanh"]), "activation must be one of"),
        (lambda: MLPGroupsRegressor(group_column=3).fit(X, Y), "from -3 to 2, .* got 3"),
        (lambda: MLPGroupsRegressor(group_column="d").fit(frame(), Y), r"got the columns \['a',"),
        (lambda: MLPGroupsRegressor(group_column="d").fit(X, Y), "got ndarray without names"),
        (
            lambda: fitted_by().fit(X, Y, groups=[None, *NAMES[1:]]),
            "all strings, got NoneType, str",
        ),
        (lambda: fitted_by().fit(X, Y, groups=[None] * len(X)), "all strings, got NoneType"),
        (lambda: fitted_by().fit(X, Y, groups=[1.5, np.nan] * 47 + [0]), "got nan in row 1"),
        (
            lambda: fitted_by().fit(X, Y, groups=X),
            r"groups must have shape \(n_rows,\), got \(\d+, \d+\)",
        ),
        (
            lambda: fitted_by().fit(X, Y, groups=GROUPS, sample_weight=ZERO),
            "all 0 in any group, got only 0 in the groups 7",
        ),
        (lambda: fitted_by(loss="poisson"), "poisson needs targets of at least 0, got -"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_groups_that_diverge_or_do_not_converge_are_named_once():
    targets = Y.copy()
    targets[GROUPS == 7] *= 1e150
    estimator = MLPGroupsRegressor(solver="sgd", learning_rate_init=0.01, random_state=0)
    with pytest.warns(dl.DivergenceWarning, match=r"^1 of 7 groups stopped .* \(7\); scale X"):
        estimator.fit(X, targets, groups=GROUPS)
    assert np.isfinite(estimator.parameters_).all()
    with pytest.warns(match=r"7 of 7 groups reached max_iter=2 .* \(-2, 0, 3, 4, 7, \.\.\.\)"):
        fitted_by()
