"""The patterns of a set of files, understood: where to look, what is taken away, and how paths are named."""

import os
from typing import Final

import msgspec

from tui_runner.caching.patterns import Exclusions, PathPattern, parse_pattern, with_slash

_RULES: Final = 1
"""Changes whenever the same patterns mean other files than before."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern that adds files."""

    index: int
    """Its place among all patterns."""
    pattern: PathPattern
    exclusions: Exclusions
    """What is taken away from its files: by later patterns, and what never counts."""


class Scope:
    """Which files are meant. Names are relative to the root below it, else absolute."""

    def __init__(
        self,
        *,
        root: str,
        base: str,
        patterns: tuple[str, ...],
        without: tuple[str, ...],
        entered: frozenset[bytes] = frozenset(),
    ) -> None:
        """Understand the patterns; see `FileSet` for the arguments.

        Raises:
            CacheError: a pattern cannot be a path.
        """
        base = os.path.normpath(base)
        self.patterns = patterns
        """As they were written."""
        self.root = with_slash(os.fsencode(os.path.normpath(root)))
        """Ends in a slash."""
        self._base = with_slash(os.fsencode(base))
        self._entered = entered
        self._parsed = [_parsed(text, base, self._entered) for text in patterns]
        self._without_texts = without
        self._without = [_parsed(text, base, self._entered) for text in without]

    def parts(self) -> list[Part]:
        """Return the patterns that add files, in the order given.

        Raises:
            CacheError: a glob has too many alternatives.
        """
        parts: list[Part] = []
        taken: list[PathPattern] = []
        exclusions = Exclusions(taken, self._without)
        for index in range(len(self._parsed) - 1, -1, -1):
            adds, pattern = self._parsed[index]
            if adds:
                parts.append(Part(index=index, pattern=pattern, exclusions=exclusions))
            else:
                taken.append(pattern)
                exclusions = Exclusions(taken, self._without)
        return parts[::-1]

    @property
    def identity(self) -> bytes:
        """Is equal for two scopes that mean the same files on this machine, in the same words."""
        texts = [os.fsencode("\0".join(patterns)) for patterns in (self.patterns, self._without_texts)]
        places = [(pattern.literal, pattern.start) for _, pattern in (*self._parsed, *self._without)]
        return msgspec.msgpack.encode((_RULES, self.root, self._base, texts, sorted(self._entered), places))

    def leads_to_us(self, path: bytes) -> bool:
        """Tell whether the base or the root is this path or lies below it.

        A link there is a matter of this machine: it does not count itself.
        """
        below = with_slash(path)
        return self._base.startswith(below) or self.root.startswith(below)

    def name_below(self, directory: bytes) -> bytes:
        """Return what the names of everything in a directory begin with."""
        return self.name_of(with_slash(directory))

    def name_of(self, path: bytes) -> bytes:
        """Return the name of what is at an absolute path."""
        return path.removeprefix(self.root)

    def path_of(self, name: bytes) -> bytes:
        """Return the absolute path of a name."""
        return name if name.startswith(b"/") else self.root + name


def _parsed(text: str, base: str, entered: frozenset[bytes]) -> tuple[bool, PathPattern]:
    """Return a pattern, and whether it adds files."""
    return not text.startswith("!"), parse_pattern(text.removeprefix("!"), base, entered)
