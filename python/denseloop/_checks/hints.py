"""What a user may have meant by a name that is not known here."""

import functools
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Names that other libraries have for what is here.
ELSEWHERE = {
    # values
    "mse": "squared_error",
    "mean_squared_error": "squared_error",
    "mae": "absolute_error",
    "mean_absolute_error": "absolute_error",
    "bce": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "log_loss": "binary_cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "linear": "identity",
    "glorot": "glorot_uniform",
    "xavier": "glorot_uniform",
    "he": "he_normal",
    "kaiming": "he_normal",
    "average": "mean",
    "gd": "sgd",
    "levenberg_marquardt": "lm",
    "l-bfgs": "lbfgs",
    # arguments
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "solver": "optimizer",
    "n_epochs": "epochs",
    "max_iter": "epochs",
    "iterations": "epochs",
    "alpha": "l2",
    "weight_decay": "l2",
    "validation_data": "eval_set",
    "early_stopping": "stopping",
    "callbacks": "callback",
    "verbose": "progress",
    "random_state": "seed",
    "hidden_layer_sizes": "layer_sizes",
    "n_jobs": "num_threads",
    "sample_weights": "sample_weight",
}


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the one of the known names that is meant, or ""."""
    if not isinstance(name, str):
        return ""
    known, name = list(known), name.lower()
    meant = [ELSEWHERE.get(name), *get_close_matches(name, known, 1)]
    return next((f"; did you mean {one!r}?" for one in meant if one in known), "")


class NotHere:
    """An attribute that an object has not, and which says the name that it has instead."""

    def __init__(self, meant: str) -> None:
        self._meant = meant

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise AttributeError(
            f"{owner.__name__!r} object has no attribute {self._name!r}; "
            f"did you mean {self._meant!r}?"
        )


def with_hints(function: Callable[P, R]) -> Callable[P, R]:
    """Make a call with arguments that the function does not have say what may be meant."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    options = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]

    @functools.wraps(function)
    def call(*arguments: P.args, **given: P.kwargs) -> R:
        try:
            return function(*arguments, **given)
        except TypeError as error:
            traceback = error.__traceback__
            if traceback is not None and traceback.tb_next is not None:
                raise  # from within the function
            problem = str(error)
            if arguments and "." in function.__qualname__:  # say the class that the user knows
                owner = arguments[0] if isinstance(arguments[0], type) else type(arguments[0])
                method = "" if function.__name__ == "__init__" else f".{function.__name__}"
                known = f"{owner.__name__}{method}()"
                problem = problem.replace(f"{function.__qualname__}()", known)
        unknown = next((name for name in given if name not in (*names, *options)), None)
        if unknown is not None:
            problem += did_you_mean(unknown, (*names, *options))
        elif len(arguments) > len(names):
            problem += f"; the others have names: {', '.join(f'{name}=' for name in options)}"
        raise TypeError(problem)

    return call
