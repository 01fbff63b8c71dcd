"""Streaming matcher of readiness: bytes of stdout and stderr in, a verdict out.

Sans-I/O. Never raises for what a user's pattern or function does. Each stream is its own text: a line is never put
together from two of them. Notes of ours and teardown output are not looked at.
"""

import inspect
import re
import time
import traceback
from collections.abc import Callable
from typing import Final, Protocol, assert_never

import msgspec

from tui_runner.model.output import Stream
from tui_runner.model.plain_text import PlainTextReader, plain_text
from tui_runner.model.probe import LogPattern, LogPredicate, LogSubstring

LogProbe = LogSubstring | LogPattern | LogPredicate
"""The probes that look at output."""

TAIL_BYTES: Final = 8 << 10
"""Of an unfinished line so much is kept; older bytes were tried when they came."""
SLOW_S: Final = 0.05
"""A predicate that takes longer holds up everything else, and is warned about once."""

_STREAMS: Final = (Stream.STDOUT, Stream.STDERR)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one read told. `matched` and `error` are final."""

    matched: bool = False
    error: str | None = None
    """The probe can never match: its function or pattern failed. For people."""
    warning: str | None = None
    """Something to tell once. For people."""


NOT_YET: Final = Verdict()
MATCHED: Final = Verdict(matched=True)


class _Test(Protocol):
    def feed(self, data: bytes) -> Verdict: ...


class LogMatcher:
    """Watches the output of one attempt. Make a new one for each attempt."""

    def __init__(self, probe: LogProbe, *, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` gives seconds; only differences count."""
        self._tests: dict[Stream, _Test] = _tests_for(probe, clock)
        self._final: Verdict | None = None

    def feed(self, stream: Stream, data: bytes) -> Verdict:
        """Take one read of a stream. After a final verdict it is repeated and nothing is looked at any more."""
        if self._final is not None:
            return self._final
        test = self._tests.get(stream)
        if test is None or not data:
            return NOT_YET
        verdict = test.feed(data)
        if verdict.matched or verdict.error is not None:
            self._final = Verdict(matched=verdict.matched, error=verdict.error)
            self._tests.clear()
        return verdict


def _tests_for(probe: LogProbe, clock: Callable[[], float]) -> dict[Stream, _Test]:
    match probe:
        case LogSubstring(text=text):
            return {stream: _SubstringTest(text) for stream in _STREAMS}
        case LogPattern(pattern=pattern, flags=flags):
            accepts_line = _PatternLines(re.compile(pattern, flags))
            return {stream: _LineTest(accepts_line) for stream in _STREAMS}
        case LogPredicate(predicate=predicate):
            accepts = _PredicateLines(predicate, clock)
            return {stream: _LineTest(accepts) for stream in _STREAMS}
        case _:
            assert_never(probe)


class _SubstringTest:
    """Looks for bytes in the whole text, so that a line is never built: this is the fast path."""

    def __init__(self, text: str) -> None:
        self._needle = plain_text(text.encode("utf-8", "surrogateescape"))
        self._overlap = len(self._needle) - 1
        self._reader = PlainTextReader()
        self._tail = b""

    def feed(self, data: bytes) -> Verdict:
        text = self._reader.feed(data)
        # Only the border is copied; the read itself is searched in place.
        if self._tail and text and self._needle in self._tail + text[: self._overlap]:
            return MATCHED
        if self._needle in text:
            return MATCHED
        if self._overlap > 0:
            self._tail = (self._tail + text[-self._overlap :])[-self._overlap :]
        return NOT_YET


class _LineJudge(Protocol):
    def finished(self, line: str, first: int) -> Verdict: ...

    def partial(self, line: str, first: int) -> Verdict: ...


class _LineTest:
    """Cuts one stream into lines and shows them to a judge. Of a line longer than `TAIL_BYTES` the end is kept."""

    def __init__(self, judge: _LineJudge) -> None:
        self._judge = judge
        self._reader = PlainTextReader()
        self._line = b""
        self._cut = False

    def feed(self, data: bytes) -> Verdict:
        text = self._reader.feed(data)
        if not text:
            return NOT_YET
        warning: str | None = None
        *lines, rest = (self._line + text).split(b"\n")
        judge = self._judge
        for line in lines:
            verdict = judge.finished(line.decode("utf-8", "replace"), int(self._cut))
            self._cut = False
            if verdict is not NOT_YET:
                warning = warning or verdict.warning
                if verdict.matched or verdict.error is not None:
                    return _with_warning(verdict, warning)
        verdict = NOT_YET
        if rest:
            verdict = judge.partial(_whole_characters(rest).decode("utf-8", "replace"), int(self._cut))
        if len(rest) > TAIL_BYTES:
            # One byte more than is searched: it stands before the first position, where `^` must not match.
            rest, self._cut = _from_character(rest[-TAIL_BYTES:]), True
        self._line = rest
        return _with_warning(verdict, warning)


class _PatternLines:
    """Judges lines by a compiled pattern."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._search = pattern.search
        self._reach = _reach(pattern.pattern)

    def finished(self, line: str, first: int) -> Verdict:
        return MATCHED if self._search(line, first) else NOT_YET

    def partial(self, line: str, first: int) -> Verdict:
        if self._reach == "line":
            return NOT_YET
        found = self._search(line, first)
        if found is None or (self._reach == "next" and found.end() == len(line)):
            return NOT_YET
        return MATCHED


class _PredicateLines:
    """Judges lines by a function of the user."""

    def __init__(self, predicate: Callable[[str], object], clock: Callable[[], float]) -> None:
        self._predicate = predicate
        self._clock = clock
        self._warned = False

    def finished(self, line: str, first: int) -> Verdict:
        return self._ask(line, first)

    def partial(self, line: str, first: int) -> Verdict:
        return self._ask(line, first)

    def _ask(self, line: str, _first: int) -> Verdict:
        begun = self._clock()
        try:
            answer = self._predicate(line)
            if inspect.isawaitable(answer):
                _discard(answer)
                return Verdict(error=f"`{_name(self._predicate)}` is asynchronous; readiness needs a plain function")
            matched = bool(answer)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a user's function raises fails its task, not the run
            return Verdict(error=_told(self._predicate, error))
        took = self._clock() - begun
        if took <= SLOW_S or self._warned:
            return MATCHED if matched else NOT_YET
        self._warned = True
        return Verdict(
            matched=matched,
            warning=f"`{_name(self._predicate)}` took {took * 1000:.0f} ms for one line; "
            "all tasks wait while it looks: make it faster, or use a text or pattern",
        )


def _reach(pattern: str) -> str:
    """Tell what a match depends on: "self" only itself, "next" the character after it, "line" the whole line."""
    bare = re.sub(r"\\[^ZbB]", "x", pattern, flags=re.DOTALL)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)
    if re.search(r"\$|\\Z|\(\?[=!]", bare):
        return "line"
    return "next" if re.search(r"\\[bB]", bare) else "self"


def _whole_characters(line: bytes) -> bytes:
    """Return the line without a UTF-8 character that its end has cut."""
    for back in range(1, min(3, len(line)) + 1):
        byte = line[-back]
        if byte & 0xC0 == 0x80:
            continue
        needed = 2 if byte >> 5 == 0b110 else 3 if byte >> 4 == 0b1110 else 4 if byte >> 3 == 0b11110 else 1
        return line[:-back] if needed > back else line
    return line


def _from_character(line: bytes) -> bytes:
    """Return the line from its first whole character on."""
    start = 0
    while start < 3 and line[start] & 0xC0 == 0x80:
        start += 1
    return line[start:]


def _with_warning(verdict: Verdict, warning: str | None) -> Verdict:
    if warning is None or verdict.warning is not None:
        return verdict
    return Verdict(matched=verdict.matched, error=verdict.error, warning=warning)


def _discard(awaitable: object) -> None:
    close = getattr(awaitable, "close", None) or getattr(awaitable, "cancel", None)
    if close is not None:
        close()


def _name(predicate: Callable[[str], object]) -> str:
    return str(getattr(predicate, "__name__", "ready_when"))


def _told(predicate: Callable[[str], object], error: BaseException) -> str:
    last = traceback.format_exception_only(error)[-1].strip()
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if len(frames) > 1 else ""
    return f"`{_name(predicate)}` raised {last}{where}"
