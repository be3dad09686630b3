"""The command ``denseloop``."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from denseloop import (
    Network,
    Networks,
    __version__,
    _script,
    accelerate_sklearn,
    load,
    tutorials,
)
from denseloop.tutorials import listings
from denseloop.tutorials.catalogue import TUTORIALS

LISTING_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Arguments of the command, by default those of the process.

    Returns
    -------
    int
        Exit status: 0, 1 after an error (printed in one line), 2 for a program that cannot be read,
        130 after Ctrl-C.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    if options.run is _accelerate:
        # Not options.arguments, from which the parser drops a "--".
        given = arguments[arguments.index("accelerate") + 1 :]
        own_arguments = given[given.index(options.program) + 1 :]
        return _accelerate(options.program, own_arguments, is_module=options.module)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may have no "×"
    try:
        if options.picture:
            from denseloop.tutorials import figures

            figures.require_savable(options.picture)
        options.run(options)
        if sys.stdout is not None:  # unless it was closed
            sys.stdout.flush()
    except BrokenPipeError:  # who reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ArithmeticError, ImportError, MemoryError, OSError, TypeError, ValueError) as error:
        print(f"denseloop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="denseloop", description="Small dense networks on a CPU.")
    parser.add_argument("--version", action="version", version=f"denseloop {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser(
        "demo", help="train the tutorial's moons, and compare with its NumPy listing"
    )
    demo.add_argument(
        "--picture",
        type=_picture,
        default="denseloop-demo.png",
        help="file to write; a second one has -many after its name",
    )
    demo.set_defaults(run=_demo)

    replay = commands.add_parser("replay", help="run a tutorial's listing in the fused loop")
    replay.add_argument(
        "name", choices=tutorials.NAMES, metavar="name", help=", ".join(tutorials.NAMES)
    )
    replay.add_argument("--epochs", type=int, help="number of epochs, by default the listing's own")
    replay.add_argument(
        "--seed", type=int, help="seed of what it draws, by default the listing's own, or 0"
    )
    replay.add_argument(
        "--learning-rate", type=float, help="learning rate, by default the listing's own"
    )
    replay.add_argument("--picture", type=_picture, help="file to write the tutorial's figures to")
    replay.set_defaults(run=_replay)

    export = commands.add_parser("export", help="write a saved network as a C header or for ONNX")
    export.add_argument("file", help="file that save() has written")
    export.add_argument("--c", type=Path, metavar="HEADER", help="C header to write")
    export.add_argument("--name", help="beginning of its names, by default the header's own name")
    export.add_argument(
        "--derivative", action="store_true", help="with the derivatives of the outputs"
    )
    export.add_argument("--no-fma", action="store_true", help="without fused multiply-adds")
    export.add_argument("--onnx", type=Path, metavar="MODEL", help="ONNX model to write")
    export.set_defaults(run=_export, picture=None)

    accelerate = commands.add_parser(
        "accelerate", help="run a program with denseloop's perceptrons instead of scikit-learn's"
    )
    accelerate.add_argument(
        "-m", dest="module", action="store_true", help="the program is a module, as in python -m"
    )
    accelerate.add_argument(
        "program",
        help="Python file, folder or zip archive with a __main__.py, or, after -m, a module's name",
    )
    accelerate.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="the program's own arguments and options"
    )
    accelerate.set_defaults(run=_accelerate)
    return parser


def _picture(text):
    """Return the path of a picture; without an ending it is a PNG."""
    try:
        given = Path(text)
        path = given if given.suffix else given.with_suffix(".png")
        place = path if path.exists() else path.parent
        is_folder = given.is_dir() or path.is_dir() or not path.parent.is_dir()
        if is_folder or not os.access(place, os.W_OK):
            raise OSError
    except (OSError, ValueError):  # a name may be too long, too
        raise argparse.ArgumentTypeError(f"no file can be made at {text!r}") from None
    return path


def _demo(options):
    from denseloop.tutorials import demo

    demo.run(options.picture)


def _export(options):
    if options.c is None and options.onnx is None:
        raise ValueError("nothing to write: give --c HEADER, --onnx MODEL or both")
    if options.c is None and (options.name or options.derivative or options.no_fma):
        raise ValueError("--name, --derivative and --no-fma are for --c HEADER")
    written = [path.resolve() for path in (options.c, options.onnx) if path]
    if len({Path(options.file).resolve(), *written}) <= len(written):
        raise ValueError("the files to write must be others than the saved one, and different")
    model = load(options.file)
    if options.onnx and not isinstance(model, Network):
        raise ValueError(f"--onnx is for a Network, got {type(model).__name__}")
    if options.c:
        name = options.name or options.c.stem
        how = {"derivative": options.derivative, "fma": not options.no_fma}
        if isinstance(model, (Network, Networks)):
            model.to_c(options.c, name, **how)
        else:
            from denseloop.neural_network import to_c

            to_c(model, options.c, name, **how)
        print(f"Header: {options.c}")
    if options.onnx:
        model.to_onnx(options.onnx)
        print(f"Model: {options.onnx}")


def _replay(options):
    result = tutorials.replay(
        options.name,
        epochs=options.epochs,
        seed=options.seed,
        learning_rate=options.learning_rate,
    )
    epochs = len(result.history.loss)
    print(result.source)
    print(result.description)
    print(f"{result.network}, {epochs:,} epochs")
    row = "{:<22}{:>22}{:>25}"
    print(row.format("", "published", "reached"))
    for figure, reached in result.reached.items():
        published = result.published.get(figure, "")
        print(row.format(figure, published, f"{reached:.17g}"))
    print(f"Time: {_duration(result.seconds)}")
    print(_listing_time(options, result.seconds, epochs))
    if options.picture:
        result.plot(options.picture)
        print(f"Picture: {options.picture}")


def _listing_time(options, seconds, epochs):
    """Run the NumPy listing for a while; return a line that says how long all `epochs` take."""
    steps = TUTORIALS[options.name].start_listing(
        seed=options.seed, learning_rate=options.learning_rate
    )
    with np.errstate(all="ignore"):  # a diverging listing would warn in each iteration
        yielded, per_iteration = listings.run_for(LISTING_SECONDS, steps, epochs)
    whole = epochs * per_iteration
    ratio = whole / seconds
    part = f", extrapolated from {len(yielded):,} iterations" if len(yielded) < epochs else ""
    return (
        f"The listing in plain NumPy: {_duration(whole)}{part}; "
        f"{ratio:{'.2g' if ratio < 10 else ',.0f'}} times as long"
    )


def _duration(seconds):
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def _accelerate(program, arguments, *, is_module):
    """Run the program, whose exceptions are not turned into messages; return the exit status."""
    try:
        accelerate_sklearn()  # until the process ends
    except ImportError as error:
        print(f"denseloop: {error}", file=sys.stderr)
        return 1
    try:
        _script.run(program, arguments, is_module=is_module)
    except _script.ProgramNotFound as error:
        print(f"denseloop: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
