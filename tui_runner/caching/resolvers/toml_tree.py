"""TOML as trees, within bounds.

The standard library's reader takes time and memory that grow with the square of the length of a dotted key: a line of
64 KB costs gigabytes. So the text is looked over first, with quoted strings left out, and refused when it is made of
more than lock files are.
"""

import re
import tomllib
from pathlib import Path
from typing import Final

from tui_runner.caching.resolvers.resolver_error import unusable

_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?')
_DOTTED: Final = re.compile(r"(?:\.[^.\n]*){9}")
"""More dots in a line, outside quotes, than any key of a lock file has parts."""
_STRUCTURE: Final = "[{=."
_MOST_STRUCTURE: Final = 500_000
"""Tables, values and dots; a lock file of 1,500 packages has 80,000."""


def read_toml(path: Path, text: str, advice: str) -> dict[str, object]:
    """Return the content of a file; `path` and `advice` are for messages.

    Raises:
        ResolverError: it is not TOML, or more of TOML than a lock file uses.
    """
    if '"""' in text or "'''" in text:
        raise unusable(path, "has a string of several lines", advice)
    bare = _QUOTED.sub("", text)
    dotted = _DOTTED.search(bare)
    if dotted is not None:
        line = bare.count("\n", 0, dotted.start()) + 1
        raise unusable(path, f"has a key of too many parts in line {line}", advice)
    if sum(map(bare.count, _STRUCTURE)) > _MOST_STRUCTURE:
        raise unusable(path, "holds more values than any lock file", advice)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"is not TOML ({str(error)[:100]})", advice) from None
