"""A place in the user's own files: where something was defined.

Must not read files; rendering does that.
"""

import os
import sys
from pathlib import Path

import msgspec

_PACKAGE_DIRECTORY = str(Path(__file__).resolve().parent.parent) + os.sep


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A file and a line in it."""

    file: str
    """Absolute path as Python knows it; `<string>`-like names are kept as they are."""
    line: int
    """1-based line number; 0 means the whole file."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def caller_site() -> Site:
    """Return the nearest call site outside this package.

    Walks the stack from the caller up, so a factory may call another factory. Costs about a microsecond
    per frame. Falls back to `<unknown>:0` when all frames are ours.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - documented CPython function; inspect.stack() reads source files and costs milliseconds
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_PACKAGE_DIRECTORY):
            return Site(file=file, line=frame.f_lineno)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return Site(file="<unknown>", line=0)
