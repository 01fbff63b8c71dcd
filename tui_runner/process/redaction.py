"""Takes secrets out of what tasks print. Sans I/O; used by the supervisor, and by the guardian after its death.

Must import nothing but the standard library, and little of that.
"""

from __future__ import annotations

HIDDEN = b"***"
_SHORTEST_LINE = 8
"""A line of a secret of several lines is hidden by itself too, when it is not shorter than this."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def spellings(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Return what to look for, longest first: each secret as it is, as a terminal shows it, in JSON and in URLs."""
    found: set[bytes] = set()
    for secret in secrets:
        if not secret:
            continue
        lines = [line for line in secret.splitlines() if len(line) >= _SHORTEST_LINE] if "\n" in secret else []
        for text in (secret, secret.replace("\n", "\r\n"), *lines, *_encoded(secret)):
            found.add(text.encode("utf-8", "surrogateescape"))
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _encoded(secret: str) -> list[str]:
    if secret.isalnum():
        return []
    import json  # noqa: PLC0415 - only where there are secrets
    from urllib.parse import quote, quote_plus  # noqa: PLC0415 - the same

    as_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    plain = secret.encode("utf-8", "surrogateescape")
    return [*as_json, quote(plain), quote(plain, safe=""), quote_plus(plain)]


class Redaction:
    """All secrets of a run. Costs nothing where there are none."""

    def __init__(self, hidden: tuple[bytes, ...]) -> None:
        """`hidden` is what `spellings` returned."""
        self.hidden: tuple[bytes, ...] = ()
        self.longest = 0
        self._beginnings: frozenset[bytes] = frozenset()
        self.learn(hidden)

    def learn(self, hidden: tuple[bytes, ...]) -> None:
        """Hide these too from now on."""
        self.hidden = tuple(sorted({*self.hidden, *hidden}, key=lambda one: (-len(one), one)))
        self.longest = max(map(len, self.hidden), default=0)
        self._beginnings = frozenset(one[:size] for one in self.hidden for size in range(1, len(one)))

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self.hidden)

    def clean(self, data: bytes) -> bytes:
        """Return the data without secrets."""
        for one in self.hidden:
            if one in data:
                data = data.replace(one, HIDDEN)
        return data

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if not self.hidden:
            return text
        return self.clean(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def begun_at(self, data: bytes) -> int:
        """Return where a secret may begin whose rest has not come yet; the length of the data if nowhere."""
        end = 0
        begun = self._beginning_in(data, 0)
        while begun < len(data) and (end := self._end_of_whole(data, begun, end)):
            begun = self._beginning_in(data, end)  # it is the end of one that is there whole
        return begun

    def _beginning_in(self, data: bytes, start: int) -> int:
        for size in range(min(self.longest - 1, len(data) - start), 0, -1):
            if data[-size:] in self._beginnings:
                return len(data) - size
        return len(data)

    def _end_of_whole(self, data: bytes, place: int, start: int) -> int:
        """Return where a whole secret ends that begins at `start` or later, before the place, and ends after the place.

        0 when there is none.
        """
        for one in self.hidden:
            found = data.find(one, max(start, place - len(one) + 1), place + len(one) - 1)
            if 0 <= found < place < found + len(one):
                return found + len(one)
        return 0


class RedactedStream:
    """One stream of output, in whatever pieces it comes."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._held = b""

    @property
    def holds(self) -> bool:
        """It keeps bytes back that may be the beginning of a secret."""
        return bool(self._held)

    def feed(self, data: bytes) -> bytes:
        """Take a piece and return what may be shown; what could be the beginning of a secret waits for the next."""
        data = self._held + data
        begun = self._redaction.begun_at(data)
        self._held = data[begun:]
        return self._redaction.clean(data[:begun])

    def flush(self) -> bytes:
        """Return what was held back: nothing more comes, or not for a while."""
        held, self._held = self._held, b""
        return self._redaction.clean(held)
