"""The command ``denseloop``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from denseloop import __version__, _script, accelerate_sklearn, tutorials


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.

    Returns
    -------
    int
        The exit status: 0, or 1 after an error, which is printed in one line; 2 for a script that
        cannot be read.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    if options.run is _accelerate:  # the parser would drop a "--" of the script's
        given = arguments[arguments.index("accelerate") + 1 :]
        options.arguments = given[given.index(options.script) + 1 :]
    if options.run is _accelerate:  # what the script raises is not to be explained here
        return _accelerate(options)
    try:
        options.run(options)
    except (ArithmeticError, ImportError, MemoryError, OSError, ValueError) as error:
        print(f"denseloop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="denseloop", description="Small dense networks on a CPU.")
    parser.add_argument("--version", action="version", version=f"denseloop {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser("demo", help="train the tutorial's moons beside its NumPy listing")
    demo.add_argument(
        "--picture", type=_picture, default="denseloop-demo.png", help="where to save it"
    )
    demo.set_defaults(run=_demo)

    replay = commands.add_parser("replay", help="run a tutorial's listing in the fused loop")
    replay.add_argument(
        "name", choices=tutorials.NAMES, metavar="name", help=", ".join(tutorials.NAMES)
    )
    replay.add_argument("--epochs", type=int, help="by default the listing's own")
    replay.add_argument("--seed", type=int, help="of what the listing draws, by default its own")
    replay.add_argument("--learning-rate", type=float, help="by default the listing's own")
    replay.add_argument("--picture", type=_picture, help="where to save the tutorial's figures")
    replay.set_defaults(run=_replay)

    accelerate = commands.add_parser(
        "accelerate", help="run a script whose scikit-learn perceptrons are denseloop's"
    )
    accelerate.add_argument("script", help="the file of a Python program")
    accelerate.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="the script's own, options among them"
    )
    accelerate.set_defaults(run=_accelerate)
    return parser


def _picture(text):
    """The path of a picture, a PNG unless its ending says otherwise, in a folder that exists."""
    path = Path(text)
    if not path.name or path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"no file can be made at {text!r}")
    return path if path.suffix else path.with_suffix(".png")


def _demo(options):
    from denseloop.tutorials import demo

    demo.run(options.picture)


def _replay(options):
    result = tutorials.replay(
        options.name,
        epochs=options.epochs,
        seed=options.seed,
        learning_rate=options.learning_rate,
    )
    print(result.source)
    print(f"{result.network}, {len(result.history.loss):,} epochs")
    row = "{:<22}{:>22}{:>25}"
    print(row.format("", "published", "reached"))
    for figure, reached in result.reached.items():
        published = result.published.get(figure, "")
        print(row.format(figure, published, f"{reached:.17g}"))
    if options.picture:
        result.plot(options.picture)
        print(f"Picture: {options.picture}")


def _accelerate(options):
    try:
        open(options.script).close()
        accelerate_sklearn()  # until the process ends
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        print(f"denseloop: can't open file {options.script!r}: {reason}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(f"denseloop: {error}", file=sys.stderr)
        return 1
    _script.run(options.script, options.arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
