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
        return self._cleaned(data, len(data))[0]

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if not self.hidden:
            return text
        return self.clean(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what may be shown, and what may be the beginning of a secret whose rest has not come yet."""
        return self._cleaned(data, self._beginning_in(data, 0))

    def _cleaned(self, data: bytes, begun: int) -> tuple[bytes, bytes]:
        """Return the data without secrets until a place where one has begun, and what follows from there on.

        Secrets are taken from the left, the longest where several begin: what is left between them holds none.
        """
        present = [one for one in self.hidden if one in data]
        shown: list[bytes] = []
        done = 0
        while present:
            places = [(data.find(one, done), -len(one)) for one in present]
            start, size = min((found for found in places if found[0] >= 0), default=(begun, 0))
            if start >= begun:
                break
            shown += (data[done:start], HIDDEN)
            done = start - size
            if done > begun:  # it was the end of one that is there whole
                begun = self._beginning_in(data, done)
        shown.append(data[done:begun])
        return b"".join(shown), data[begun:]

    def _beginning_in(self, data: bytes, start: int) -> int:
        for size in range(min(self.longest - 1, len(data) - start), 0, -1):
            if data[-size:] in self._beginnings:
                return len(data) - size
        return len(data)


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
        shown, self._held = self._redaction.split(self._held + data)
        return shown

    def flush(self) -> bytes:
        """Return what was held back: nothing more comes, or not for a while."""
        held, self._held = self._held, b""
        return self._redaction.clean(held)
