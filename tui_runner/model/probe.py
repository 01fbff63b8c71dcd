"""Readiness probes: when does a running task count as ready?

Data and factories only; `tui_runner.probes` performs them. Public names: `log_line`, `tcp`, `http`,
`exec_probe`, `file_exists`, `delay`.
"""

import re
from collections.abc import Callable

import msgspec

from tui_runner.model.duration import Duration, parse_duration


class LogSubstring(msgspec.Struct, frozen=True, kw_only=True, tag="log"):
    """Ready when a line of stdout or stderr contains this text. Escape sequences are ignored, prompts count."""

    text: str


class LogPattern(msgspec.Struct, frozen=True, kw_only=True, tag="log-pattern"):
    """Ready when a line of stdout or stderr matches (`re.search`). With `$` only finished lines are tried."""

    pattern: str
    flags: int = 0


class LogPredicate(msgspec.Struct, frozen=True, kw_only=True, tag="log-predicate", eq=False):
    """Ready when the function returns true for a line: once per finished line, at most once per read for a partial one."""

    predicate: Callable[[str], object]


class Tcp(msgspec.Struct, frozen=True, kw_only=True, tag="tcp"):
    """Ready when something accepts connections on the port."""

    port: int
    host: str = "localhost"


class Http(msgspec.Struct, frozen=True, kw_only=True, tag="http"):
    """Ready when a GET answers with a status of 200 to 399, or with `status` when given."""

    url: str
    status: int | None = None


class ExecProbe(msgspec.Struct, frozen=True, kw_only=True, tag="exec"):
    """Ready when the command exits 0; it runs with the cwd and environment of the task."""

    run: str | tuple[str, ...]


class FileExists(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """Ready when the path exists; relative to the task's cwd."""

    path: str


class Delay(msgspec.Struct, frozen=True, kw_only=True, tag="delay"):
    """Ready when the task has run this long."""

    seconds: float


Probe = LogSubstring | LogPattern | LogPredicate | Tcp | Http | ExecProbe | FileExists | Delay
"""Everything `ready_when` can become."""

ReadyWhen = Probe | str | re.Pattern[str] | Callable[[str], object]
"""What `ready_when` takes: a probe, a substring, a compiled pattern, or a function of one line."""


def log_line(pattern: "str | re.Pattern[str]") -> LogSubstring | LogPattern:
    """Ready when a line contains the text, or matches the compiled pattern."""
    if isinstance(pattern, re.Pattern):
        return LogPattern(pattern=pattern.pattern, flags=pattern.flags)
    return LogSubstring(text=pattern)


def tcp(port: int, *, host: str = "localhost") -> Tcp:
    """Ready when something accepts connections on the port (`localhost` tries IPv4 and IPv6)."""
    return Tcp(port=port, host=host)


def http(url: str, *, status: int | None = None) -> Http:
    """Ready when a GET of the URL answers with 200 to 399, or with exactly `status`."""
    return Http(url=url, status=status)


def exec_probe(run: str | list[str]) -> ExecProbe:
    """Ready when the command exits 0."""
    return ExecProbe(run=run if isinstance(run, str) else tuple(run))


def file_exists(path: str) -> FileExists:
    """Ready when the path exists, relative to the task's cwd."""
    return FileExists(path=path)


def delay(duration: Duration) -> Delay:
    """Ready after the task has run this long.

    Raises:
        ValueError: it is not a duration.
    """
    return Delay(seconds=parse_duration(duration))


def as_probe(ready_when: ReadyWhen) -> Probe:
    """Return the probe for what a user passed as `ready_when`.

    Raises:
        ValueError: it is none of the accepted forms, or it can never match.
    """
    match ready_when:
        case LogSubstring() | LogPattern() | LogPredicate() | Tcp() | Http() | ExecProbe() | FileExists() | Delay():
            probe: Probe = ready_when
        case str() | re.Pattern():
            probe = log_line(ready_when)
        case _ if callable(ready_when):
            probe = LogPredicate(predicate=ready_when)
        case _:
            raise ValueError(f"{ready_when!r} is not a probe, a text, a compiled pattern or a function")
    fault = _fault(probe)
    if fault:
        raise ValueError(fault)
    return probe


def _fault(probe: Probe) -> str:
    """Return why the probe can never match, or would match at once; empty when it makes sense.

    Looks at types too: users need not run a type checker over `pipeline.py`.
    """
    match probe:
        case LogSubstring(text=text):
            return (
                ""
                if _is_text(text)
                else f"an empty text would match at once: give the text of a log line, not {text!r}"
            )
        case LogPattern(pattern=pattern):
            if isinstance(pattern, str):
                return ""
            return f"the pattern must be made of text, not of bytes: leave out the `b` before {str(pattern)[1:]}"
        case Tcp(port=port, host=host):
            if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
                return f"a port is a number from 1 to 65535, not {port!r}"
            return "" if _is_text(host) else f"the host of a port must be a name or an address, not {host!r}"
        case Http(url=url, status=status):
            if not isinstance(url, str) or not re.match(r"https?://[^/?#]", url):
                return f"{url!r} is not an address that begins with http:// or https://"
            return "" if status is None or 100 <= status <= 599 else f"{status!r} is not an HTTP status"
        case ExecProbe(run=run):
            words = (run,) if isinstance(run, str) else run
            return "" if words and all(map(_is_text, words[:1])) else "the command of a probe is empty"
        case FileExists(path=path):
            return "" if _is_text(path) else f"the path of a file must not be empty: {path!r}"
        case LogPredicate() | Delay():
            return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def describe(probe: Probe) -> str:
    """Return a few words for people: what is waited for."""
    match probe:
        case LogSubstring():
            return f"a log line with `{probe.text}`"
        case LogPattern():
            return f"a log line matching /{probe.pattern}/"
        case LogPredicate():
            return f"a log line accepted by `{getattr(probe.predicate, '__name__', 'a function')}`"
        case Tcp():
            return f"port {probe.port} on {probe.host}"
        case Http():
            return probe.url
        case ExecProbe():
            return f"`{probe.run if isinstance(probe.run, str) else ' '.join(probe.run)}`"
        case FileExists():
            return f"the file {probe.path}"
        case Delay():
            return f"{probe.seconds:g} s to pass"
