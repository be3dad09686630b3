"""``python -m bench.report [FOLDER]``: writes the report of the runs in a folder."""

import argparse

from bench.report import RESULTS, write


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("folder", nargs="?", default=RESULTS, metavar="FOLDER")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
