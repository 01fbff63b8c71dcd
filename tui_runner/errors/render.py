"""Rendering of problems for people, in the manner of rustc and uv.

The only place that knows what a problem looks like. Reads the marked source line; a file that cannot be read
is simply not quoted. Everything quoted is stripped of control characters: it may come from a hostile repository.
"""

import linecache
from collections.abc import Iterable
from pathlib import Path

from tui_runner.errors.problem import Problem
from tui_runner.errors.site import Site

_RED, _BLUE, _CYAN, _BOLD, _RESET = "\x1b[1;31m", "\x1b[1;34m", "\x1b[36m", "\x1b[1m", "\x1b[0m"

_SOURCE_CELLS = 100
_MOST_CARETS = 72


def printable(text: str) -> str:
    """Return text with everything but printable characters and tabs replaced by `?`."""
    return "".join(c if c.isprintable() or c == "\t" else "?" for c in text)


def render_problems(
    problems: Iterable[Problem], *, color: bool = False, base: Path | None = None, width: int | None = None
) -> str:
    """Return all problems as text, separated by blank lines, ending with a newline.

    `base` shortens paths below it; None keeps them absolute. Lines of source are cut to `width`; None: to what is
    enough to know them.
    """
    return "\n".join(_render(problem, color=color, base=base, width=width) for problem in problems)


def _render(problem: Problem, *, color: bool, base: Path | None, width: int | None) -> str:
    red, blue, cyan, bold, reset = (_RED, _BLUE, _CYAN, _BOLD, _RESET) if color else ("",) * 5
    lines = [f"{red}error[{problem.kind}]{reset}{bold}: {_printable_lines(problem.message)}{reset}"]
    if problem.site is not None:
        lines += _quote(problem.site, problem.label, "-->", blue, reset, base, width)
    for words, site in problem.related:
        lines += _quote(site, words, ":::", blue, reset, base, width)
    if problem.help:
        lines.append(f"   {blue}={reset} {cyan}help{reset}: {_printable_lines(problem.help)}")
    return "\n".join(lines) + "\n"


def _printable_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def _quote(
    site: Site, label: str, arrow: str, blue: str, reset: str, base: Path | None, width: int | None
) -> list[str]:
    where = f"{_short(site.file, base)}:{site.line}" if site.line else _short(site.file, base)
    lines = [f"  {blue}{arrow}{reset} {printable(where)}"]
    source = printable(linecache.getline(site.file, site.line).rstrip("\n")) if site.line else ""
    if source.strip():
        number = str(site.line)
        pad = " " * len(number)
        text = source.expandtabs(4)
        indent = len(text) - len(text.lstrip())
        words = f" {label}" if label else ""
        room = indent + _SOURCE_CELLS if width is None else width - len(pad) - len(" | ")
        shown = text if len(text) <= room else f"{text[: max(indent, room - 1)]}…"
        # The label stays in the same row.
        carets = "^" * max(1, min(len(text.strip()), _MOST_CARETS, room - indent - len(words)))
        lines += [
            f"{pad} {blue}|{reset}",
            f"{blue}{number} |{reset} {shown}",
            f"{pad} {blue}|{reset} {' ' * indent}{blue}{carets}{words}{reset}",
        ]
    elif label:
        lines.append(f"   {blue}|{reset} {label}")
    return lines


def _short(file: str, base: Path | None) -> str:
    if base is not None:
        try:
            return str(Path(file).relative_to(base))
        except ValueError:
            return file
    return file
