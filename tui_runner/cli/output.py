"""What verbs print: data to stdout, messages to stderr; colour only where somebody can see it."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from tui_runner.errors.problem import Problem
from tui_runner.errors.render import printable, render_problems


def wants_color(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal and nobody asked for no colour (NO_COLOR, TERM=dumb)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def report(problems: Iterable[Problem]) -> None:
    """Print problems to stderr."""
    sys.stdout.flush()
    sys.stderr.write(render_problems(problems, color=wants_color(sys.stderr), base=Path.cwd()))


def message(text: str) -> None:
    """Print a message for people to stderr; control characters in it are made visible."""
    sys.stdout.flush()
    sys.stderr.write("\n".join(printable(line) for line in text.split("\n")) + "\n")


def write(text: str) -> None:
    """Print lines of text to stdout; control characters in them are made visible."""
    sys.stdout.write("\n".join(printable(line) for line in text.split("\n")))


def document(data: object) -> None:
    """Print one JSON document to stdout: in UTF-8, as JSON is, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as columns under their heads, two spaces apart; empty columns are left out. Ends with a newline."""
    clean = [[printable(cell) for cell in row] for row in rows]
    used = [index for index in range(len(head)) if any(row[index] for row in clean)]
    widths = {index: max(len(row[index]) for row in [list(head), *clean]) for index in used}
    lines = ["  ".join(row[index].ljust(widths[index]) for index in used).rstrip() for row in [list(head), *clean]]
    return "\n".join(lines) + "\n"


def paint(text: str, code: str, *, color: bool) -> str:
    """Return text in a colour (the number of an SGR sequence), or as it is."""
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
