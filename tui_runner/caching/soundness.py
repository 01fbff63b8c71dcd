"""Which lists of outputs make sense. Entries may come from a stranger: what could do harm is refused before it is used.

Whether a task declared what is in them is another matter (see `output_patterns`). Pure.
"""

import re
from collections.abc import Sequence
from typing import Final

from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink

_NAME: Final = rb"(?!\.{1,2}(?:/|\Z))[^/\0]+"
_PLAIN: Final = re.compile(rb"/?" + _NAME + rb"(?:/" + _NAME + rb")*")
"""A path without empty names, `.`, `..` and NUL."""


def is_sound(outputs: Sequence[Output]) -> bool:
    """Tell whether outputs come in order, each once, on plain paths, and nothing lies below what is no directory."""
    before = b""
    others: set[bytes] = set()
    for output in outputs:
        path = output.path
        if path <= before or not _PLAIN.fullmatch(path):
            return False
        before = path
        match output:
            case OutputFile(size=size):
                others.add(path)
                if size < 0:
                    return False
            case OutputLink(target=target):
                others.add(path)
                if not target or b"\0" in target:
                    return False
            case OutputDirectory():
                pass
    above = {output.path.rpartition(b"/")[0] for output in outputs}
    return not any(directory in others or any(map(others.__contains__, parents(directory))) for directory in above)


def parents(path: bytes) -> list[bytes]:
    """Return the directories a path lies in, as far as they have a name, nearest first."""
    found: list[bytes] = []
    end = path.rfind(b"/")
    while end > 0:
        found.append(path[:end])
        end = path.rfind(b"/", 0, end)
    return found
