"""``python -m bench.report [FOLDER]``: a run's results.json as tables and pictures."""

import argparse

from bench.report import RESULTS, write


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("folder", nargs="?", default=RESULTS, metavar="FOLDER")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
