"""Cuts what a terminal sends into whole sequences and pasted text. Pure.

Reads end anywhere, also in the middle of what one key, one move of the mouse or the mark of a paste means; half of it,
taken for keys, would be commands. Whatever may still go on is held back until the rest is there, or until it has taken
too long. Pasted text never reaches the parser of keys: an escape in it would begin a sequence there.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

_ESCAPE: Final = "\x1b"
_PASTE_BEGIN: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
_UNFINISHED: Final = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*|O)?\Z")
"""ESC; CSI and its parameters, in the console of Linux with another bracket; SS3. ECMA-48, 5.4."""
_END_BEGUN: Final = re.compile(
    "(?:" + "|".join(re.escape(_PASTE_END[:size]) for size in range(len(_PASTE_END) - 1, 0, -1)) + r")\Z"
)
"""The beginning of what ends a paste."""
_ESCAPE_S: Final = 0.025
"""How long a lone ESC may still become a sequence: terminals send one in one go, and hands are slower."""
_REST_S: Final = 0.25
"""How long the rest of a sequence that has begun is waited for: nobody types one."""


def escape_patience_s(environment: Mapping[str, str]) -> float:
    """Return how long a lone ESC is waited on, in seconds. Where lines are slow, users of curses set ESCDELAY, in milliseconds."""
    given = environment.get("ESCDELAY", "")
    return int(given) / 1000 if given.isascii() and given.isdigit() and int(given) else _ESCAPE_S


class Pasted(NamedTuple):
    """Text that was pasted, as the terminal sent it."""

    text: str


class TypedText:
    """What has come of it so far. Between two reads it holds at most the beginning of a sequence, or of a paste."""

    def __init__(self, escape_s: float) -> None:
        """`escape_s`: see `escape_patience_s`."""
        self._escape_s = escape_s
        self._held = ""
        self._pasted: list[str] | None = None

    @property
    def patience_s(self) -> float | None:
        """How long to wait for more before `give_up`; None: as long as it takes.

        A paste takes as long as it takes: what is still to come of it would be commands.
        """
        if not self._held or self._pasted is not None:
            return None
        return self._escape_s if self._held == _ESCAPE else _REST_S

    def feed(self, text: str) -> Iterator[str | Pasted]:
        """Take what was read; yield keys and reports, none of them cut, and pastes, in their order."""
        text = self._held + text
        self._held = ""
        while text:
            mark = _PASTE_BEGIN if self._pasted is None else _PASTE_END
            before, found, text = text.partition(mark)
            if self._pasted is None:
                if not found:
                    before = self._hold(before, _UNFINISHED.search(before))
                if before:
                    yield before
                if found:
                    self._pasted = []
            else:
                if not found:
                    before = self._hold(before, _END_BEGUN.search(before))
                self._pasted.append(before)
                if found:
                    pasted, self._pasted = "".join(self._pasted), None
                    yield Pasted(pasted)

    def give_up(self) -> Iterator[str]:
        """Yield what was held back: nothing has followed."""
        held, self._held = self._held, ""
        if held:
            yield held

    def _hold(self, text: str, unfinished: "re.Match[str] | None") -> str:
        """Keep the end that is unfinished for the next time; return what is before it."""
        if unfinished is None:
            return text
        self._held = unfinished[0]
        return text[: unfinished.start()]
