"""How output looks as lines: cut out of a stream of bytes, with the names of tasks in front."""

import re
from collections.abc import Mapping, Sequence

from tui_runner.errors.render import printable
from tui_runner.model.plain_text import plain_text
from tui_runner.model.task import TaskId

MAX_PREFIX = 24
"""Longer names are cut in the middle."""

_SGR = rb"(\x1b\[[0-9;:]*m)"
_RESET = "\x1b[0m"
_PREFIX_COLORS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")


class LineCutter:
    """Cuts a stream of bytes into finished lines, without their ends. Memory: one line."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def pending(self) -> bool:
        """Tell whether a line has begun and not ended."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are finished now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

    def finish(self) -> list[bytes]:
        """Return what is left without a line end."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


class LineStyle:
    """How lines of several tasks look. Without prefixes when there is only one task."""

    def __init__(self, tasks: Sequence[TaskId], *, color: bool) -> None:
        self._color = color
        width = max((len(_cut(task)) for task in tasks), default=0)
        self._prefixes: Mapping[TaskId, str] = (
            {task: self._prefix(task, index, width) for index, task in enumerate(tasks)} if len(tasks) > 1 else {}
        )

    def render(self, task: TaskId, line: bytes) -> str:
        """Return a line for people, with its line end. Of a line that was written over, what was seen last is shown."""
        shown = [part for part in self._clean(line) if part.strip()]
        return f"{self._prefixes.get(task, '')}{shown[-1] if shown else ''}\n"

    def _clean(self, line: bytes) -> list[str]:
        line = line.rstrip(b"\r")
        if not self._color:
            return _printable_lines(plain_text(line).decode("utf-8", "replace")).split("\n")
        pieces = re.split(_SGR, line)
        shown = [
            piece.decode("ascii") if index % 2 else _printable_lines(plain_text(piece).decode("utf-8", "replace"))
            for index, piece in enumerate(pieces)
        ]
        parts = "".join(shown).split("\n")
        return [f"{part}{_RESET}" if "\x1b" in part else part for part in parts]

    def _prefix(self, task: TaskId, index: int, width: int) -> str:
        name = printable(_cut(task)).ljust(width)
        if not self._color:
            return f"{name} | "
        return f"\x1b[{_PREFIX_COLORS[index % len(_PREFIX_COLORS)]}m{name} |{_RESET} "


def _printable_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def _cut(task: TaskId) -> str:
    if len(task) <= MAX_PREFIX:
        return task
    half = (MAX_PREFIX - 1) // 2
    return f"{task[:half]}…{task[-(MAX_PREFIX - 1 - half) :]}"
