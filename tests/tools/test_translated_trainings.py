"""What the pages for readers from PyTorch and Keras say of losses and updates: `make tools`."""

from pathlib import Path

import denseloop as dl
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: make tools")

pytestmark = pytest.mark.filterwarnings("ignore")  # of the packages

random = np.random.default_rng(0)
X = random.standard_normal((60, 3))
NUMBERS = X @ random.standard_normal((3, 2)) / 2
RATES = np.exp(NUMBERS / 3)
LABELS = (NUMBERS + random.standard_normal(NUMBERS.shape) / 4).argmax(axis=1)
FLAGS = (NUMBERS > 0).astype(float)
SIZES = [3, 8, 2]


def model_of(output=None):
    """Return a model of PyTorch, whose layers draw the same weights in each call."""
    torch.manual_seed(0)
    layers = [torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)]
    return torch.nn.Sequential(*layers, *([output] if output else [])).double()


def network_of(model, output="identity"):
    return dl.Network.from_torch(model.state_dict(), activation="tanh", output_activation=output)


def train_in_torch(model, loss, optimizer, y, batch_size=60, epochs=40):
    """Return the loss of each epoch: the mean of its batches' losses, by their samples."""
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, wanted in zip(inputs.split(batch_size), targets.split(batch_size)):
            optimizer.zero_grad()
            value = loss(model(batch), wanted)
            value.backward()
            optimizer.step()
            total += value.item() * len(batch)
        losses.append(total / len(X))
    return np.array(losses)


def is_on_the_page(page, cell):
    path = Path(__file__).parents[2] / "docs" / "come_from" / page
    if path.exists():  # it is not in a wheel's tests
        assert f"| `{cell}` |" in path.read_text(), cell


nn = torch.nn
# The loss, our loss and output activation, the targets, and our value divided by theirs.
TORCH_LOSSES = {
    "MSELoss()": ("squared_error", "identity", NUMBERS, 2),
    "L1Loss()": ("absolute_error", "identity", NUMBERS, 2),
    "HuberLoss(delta=0.5)": (dl.Huber(0.5), "identity", NUMBERS, 2),
    "SmoothL1Loss(beta=0.5)": (dl.Huber(0.5), "identity", NUMBERS, 1),
    "BCEWithLogitsLoss()": ("binary_cross_entropy", "sigmoid", FLAGS, 2),
    "CrossEntropyLoss()": ("cross_entropy", "softmax", LABELS, 1),
    "PoissonNLLLoss()": ("poisson", "exp", RATES, 2),
}


@pytest.mark.parametrize("name", TORCH_LOSSES)
def test_losses_and_gradients_of_pytorch(name):
    is_on_the_page("pytorch.md", name)
    loss, output, y, factor = TORCH_LOSSES[name]
    model = model_of()
    value = eval(f"nn.{name}")(model(torch.from_numpy(X)), torch.from_numpy(y))
    value.backward()
    ours, gradients = network_of(model, output).loss_and_gradients(
        X, np.eye(2)[y] if y is LABELS else y, loss=loss, reduction="mean"
    )
    np.testing.assert_allclose(ours, factor * value.item(), rtol=1e-12)
    slopes = [layer.weight.grad.numpy() for layer in (model[0], model[2])]
    for found, expected in zip(gradients.weights, slopes):
        np.testing.assert_allclose(found, factor * expected.T, rtol=1e-10, atol=1e-14)


# The optimizer of PyTorch, and ours.
TORCH_OPTIMIZERS = {
    "SGD(p, lr=0.1)": dl.GradientDescent(0.1),
    "SGD(p, lr=0.1, momentum=0.9)": dl.GradientDescent(0.1, momentum=0.9),
    "SGD(p, lr=0.1, momentum=0.9, nesterov=True)": dl.GradientDescent(
        0.1, momentum=0.9, nesterov=True
    ),
    "Rprop(p, lr=0.01)": dl.RPROP(0.01),
    "Adam(p, lr=0.01, eps=1e-20)": dl.Adam(0.01, epsilon=1e-20),
}


def trained_by_both(optimizer, ours, batch_size=60, **options):
    model = model_of()
    net = network_of(model)
    parameters = model.parameters()
    theirs = eval(f"torch.optim.{optimizer}", {"torch": torch, "p": parameters})
    expected = train_in_torch(model, nn.CrossEntropyLoss(), theirs, LABELS, batch_size)
    net = dl.Network(
        SIZES,
        activation="tanh",
        output_activation="softmax",
        weights=net.weights,
        biases=net.biases,
    )
    history = net.train(
        *(X, np.eye(2)[LABELS]),
        loss="cross_entropy",
        reduction="mean",
        optimizer=ours,
        epochs=40,
        batch_size=batch_size,
        **options,
    )
    return expected, history.loss


@pytest.mark.parametrize("optimizer", TORCH_OPTIMIZERS)
def test_trainings_from_the_weights_of_pytorch(optimizer):
    is_on_the_page("pytorch.md", optimizer)
    batch_size = 60 if "Rprop" in optimizer else 25  # the last batch has 10
    expected, found = trained_by_both(optimizer, TORCH_OPTIMIZERS[optimizer], batch_size)
    assert expected[-1] < 0.8 * expected[0]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_epsilons_of_adam_stand_in_other_places():
    expected, found = trained_by_both("Adam(p, lr=0.01)", dl.Adam(0.01), 25)
    largest = np.max(np.abs(found / expected - 1))
    assert 1e-8 < largest < 1e-5  # 1.9e-6


def test_weight_decay_of_pytorch_is_l2_by_the_batch():
    model = model_of()
    decayed = [layer.weight for layer in (model[0], model[2])]
    biases = [layer.bias for layer in (model[0], model[2])]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": 0.02}, {"params": biases}], lr=0.1
    )
    net = network_of(model)
    train_in_torch(model, lambda a, y: 2 * nn.MSELoss()(a, y), optimizer, NUMBERS)
    net.train(
        X,
        NUMBERS,
        loss="squared_error",
        reduction="mean",
        l2=0.02 * 60,
        learning_rate=0.1,
        epochs=40,
    )
    np.testing.assert_allclose(net.weights[0], model[0].weight.detach().numpy().T, rtol=1e-10)


@pytest.fixture
def keras():
    keras = pytest.importorskip("keras", reason="keras is missing: make tools")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


# The loss, the output activation, ours of both, the targets, and our value divided by theirs.
KERAS_LOSSES = {
    "MeanSquaredError()": ("linear", "squared_error", "identity", NUMBERS, 2),
    "MeanAbsoluteError()": ("linear", "absolute_error", "identity", NUMBERS, 2),
    "Huber(0.5)": ("linear", dl.Huber(0.5), "identity", NUMBERS, 2),
    "BinaryCrossentropy()": ("sigmoid", "binary_cross_entropy", "sigmoid", FLAGS, 2),
    "CategoricalCrossentropy()": ("softmax", "cross_entropy", "softmax", np.eye(2)[LABELS], 1),
    "SparseCategoricalCrossentropy()": ("softmax", "cross_entropy", "softmax", LABELS, 1),
    "Poisson()": ("exponential", "poisson", "exp", RATES, 2),
}
# Ours of an optimizer, for a loss that is so many times as large as theirs.
KERAS_OPTIMIZERS = {
    "SGD(0.1)": lambda factor: dl.GradientDescent(0.1 / factor),
    "SGD(0.1, momentum=0.9)": lambda factor: dl.GradientDescent(0.1 / factor, momentum=0.9),
    "SGD(0.1, momentum=0.9, nesterov=True)": lambda factor: dl.GradientDescent(
        0.1 / factor, momentum=0.9, nesterov=True
    ),
    "Adam(0.01)": lambda factor: dl.Adam(0.01, epsilon=1e-7 * factor),
}
KERAS_CASES = [
    *((loss, "SGD(0.1)") for loss in KERAS_LOSSES),
    *(("CategoricalCrossentropy()", optimizer) for optimizer in KERAS_OPTIMIZERS),
]


def keras_model(keras, output, units=2, regularizer=None):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense
    layers = [
        dense(8, activation="tanh", kernel_regularizer=regularizer),
        dense(units, activation=output, kernel_regularizer=regularizer),
    ]
    return keras.Sequential([keras.Input((3,)), *layers])


def train_in_keras(model, y, **options):
    history = model.fit(X, y, epochs=20, shuffle=False, verbose=0, **options).history
    return np.array(history["loss"])


@pytest.mark.parametrize(("loss", "optimizer"), KERAS_CASES)
def test_trainings_from_the_weights_of_keras(loss, optimizer, keras):
    is_on_the_page("keras.md", loss)
    is_on_the_page("keras.md", optimizer)
    output, ours, our_output, y, factor = KERAS_LOSSES[loss]
    model = keras_model(keras, output)
    net = dl.Network.from_keras(
        model.get_weights(), activation="tanh", output_activation=our_output
    )
    losses, optimizers = vars(keras.losses), vars(keras.optimizers)
    model.compile(optimizer=eval(optimizer, optimizers), loss=eval(loss, losses))
    expected = train_in_keras(model, y, batch_size=25)
    history = net.train(
        *(X, np.eye(2)[y] if y is LABELS else y),
        loss=ours,
        reduction="mean",
        optimizer=KERAS_OPTIMIZERS[optimizer](factor),
        epochs=20,
        batch_size=25,
    )
    assert expected[-1] < 0.97 * expected[0]
    # Keras multiplies matrices of float64 in float32, but with TensorFlow.
    np.testing.assert_allclose(history.loss, factor * expected, rtol=1e-6)


def test_regularizers_of_keras_are_l2_by_the_batch(keras):
    model = keras_model(keras, "linear", 1, keras.regularizers.L2(0.01))
    net = dl.Network.from_keras(
        model.get_weights(), activation="tanh", output_activation="identity"
    )
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
    expected = train_in_keras(model, NUMBERS[:, :1], batch_size=60)
    history = net.train(
        X,
        NUMBERS[:, :1],
        loss="squared_error",
        reduction="mean",
        l2=2 * 0.01 * 60,
        learning_rate=0.1,
        epochs=20,
    )
    np.testing.assert_allclose(history.loss, expected, rtol=1e-6)
