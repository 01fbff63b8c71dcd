"""Options that several verbs share."""

import argparse
from collections.abc import Sequence


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str] = ("text", "json")) -> None:
    """Add `--format`; the first form is the default."""
    parser.add_argument("--format", choices=formats, default=formats[0], help="how to print (default: %(default)s)")


def add_mode(parser: argparse.ArgumentParser, default: str = "dev") -> None:
    """Add `--mode`."""
    parser.add_argument("--mode", "-m", default=default, help="the mode of the tasks (default: %(default)s)")
