"""Globs as users write them in definitions: `src/**/*.{ts,tsx}`. Pure.

`*`, `?` and `[…]` stay within one name, `**` spans directories, `{a,b}` is either. Names that begin with a dot match.
"""

import re
from typing import Final

_MAGIC: Final = re.compile(r"[*?\[{]")
_PIECE: Final = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|[^*?\[]+|\[")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_MOST_ALTERNATIVES: Final = 256


def split_glob(path: str) -> tuple[str, str]:
    """Return the directory part before the first special character, and the glob below it; empty when there is none."""
    if not _MAGIC.search(path):
        return path, ""
    names = path.split("/")
    first = next(index for index, name in enumerate(names) if _MAGIC.search(name))
    return "/".join(names[:first]) or ("/" if path.startswith("/") else "."), "/".join(names[first:])


def compile_glob(glob: str) -> re.Pattern[str]:
    """Return what matches whole paths relative to the directory part.

    Raises:
        ValueError: it has too many alternatives in braces.
    """
    return re.compile("|".join(f"(?:{_translate(one)})" for one in _alternatives(glob)), re.DOTALL)


def glob_depth(glob: str) -> int | None:
    """Return how many directories deep below the directory part a match can lie; None without limit."""
    return None if "**" in glob else glob.count("/")


def _alternatives(glob: str) -> list[str]:
    done: list[str] = []
    waiting = [glob]
    while waiting:
        one = waiting.pop()
        braces = _BRACES.search(one)
        if braces is None:
            done.append(one)
        else:
            waiting += [one[: braces.start()] + text + one[braces.end() :] for text in braces[1].split(",")]
        if len(done) + len(waiting) > _MOST_ALTERNATIVES:
            raise ValueError(f"`{glob}` has too many alternatives")
    return done


def _translate(glob: str) -> str:
    parts: list[str] = []
    for piece in _PIECE.findall(glob):
        if piece == "**/":
            parts.append("(?:[^/]+/)*")
        elif piece == "**":
            parts.append(".*")
        elif piece == "*":
            parts.append("[^/]*")
        elif piece == "?":
            parts.append("[^/]")
        elif piece.startswith("[") and len(piece) > 1:
            parts.append(_character_class(piece))
        else:
            parts.append(re.escape(piece))
    return "".join(parts)


def _character_class(piece: str) -> str:
    inside = piece[1:-1]
    negated = inside.startswith("!")
    inside = re.sub(r"([\\\[^&|~])", r"\\\1", inside.removeprefix("!"))
    if not inside or "--" in inside:
        return re.escape(piece)
    # A range such as z-a is no class at all; then the characters are taken as they stand.
    try:
        re.compile(f"[{inside}]")
    except re.error:
        return re.escape(piece)
    return f"(?!/)[{'^' if negated else ''}{inside}]"
