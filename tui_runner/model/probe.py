"""Probes: when does a running task count as ready, or as alive?

Data and factories only; `tui_runner.probes` performs them. Public names: `log_line`, `tcp`, `http`,
`exec_probe`, `file_exists`, `delay`, `all_of`, `any_of`. What makes sense is checked by `ready_when.as_probe`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.policy import Backoff

EAGER: Final = Backoff(delay_s=0.05, factor=1.5, max_delay_s=1.0)
"""How often is asked when nobody said: at once, soon again, then ever more slowly."""

PortHolder = Literal["task", "anyone"]
"""Whose a port must be: the task's own, or whoever answers there."""


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """What may have to hold for a while before it counts."""

    settle_s: float = 0.0


class Asking(Settling, frozen=True, kw_only=True):
    """What is found out by asking again and again."""

    pace: Backoff = EAGER
    """How long to wait before the next question."""


class LogSubstring(Settling, frozen=True, kw_only=True, tag="log"):
    """Ready when a line of stdout or stderr contains this text. Escape sequences are ignored, prompts count."""

    text: str


class LogPattern(Settling, frozen=True, kw_only=True, tag="log-pattern"):
    """Ready when a line of stdout or stderr matches (`re.search`). With `$` only finished lines are tried."""

    pattern: str
    flags: int = 0


class LogPredicate(Settling, frozen=True, kw_only=True, tag="log-predicate", eq=False):
    """Ready when the function returns true for a line: once per finished line, at most once per read for a partial one."""

    predicate: Callable[[str], object]


class Tcp(Asking, frozen=True, kw_only=True, tag="tcp"):
    """Ready when something accepts connections on the port."""

    port: int
    host: str = "localhost"
    timeout_s: float | None = None
    """For one question; None is the default of those who ask."""
    owner: PortHolder = "task"


class Http(Asking, frozen=True, kw_only=True, tag="http"):
    """Ready when a GET answers with a status of 200 to 399, or with `status` when given."""

    url: str
    status: int | None = None
    contains: str = ""
    """Text that must be in the body, within its first 64 KiB; empty: the body is not looked at."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent along. May hold secrets: never shown."""
    timeout_s: float | None = None
    """For one question; None is the default of those who ask."""
    owner: PortHolder = "task"


class ExecProbe(Asking, frozen=True, kw_only=True, tag="exec"):
    """Ready when the command exits 0; it runs with the cwd and environment of the task."""

    run: str | tuple[str, ...]
    timeout_s: float | None = None
    """Then it is killed and counts as not ready; None is the default of those who ask."""


class FileExists(Asking, frozen=True, kw_only=True, tag="file"):
    """Ready when the path exists; relative to the task's cwd."""

    path: str


class Delay(msgspec.Struct, frozen=True, kw_only=True, tag="delay"):
    """Ready when the task has run this long."""

    seconds: float


class AllOf(Settling, frozen=True, kw_only=True, tag="all"):
    """Ready when all of these hold at the same time. What a log told, and time that has passed, hold for good."""

    probes: "tuple[Probe, ...]"


class AnyOf(Settling, frozen=True, kw_only=True, tag="any"):
    """Ready when one of these holds."""

    probes: "tuple[Probe, ...]"


LogProbe = LogSubstring | LogPattern | LogPredicate
"""The probes that look at output."""

PolledProbe = Tcp | Http | ExecProbe | FileExists
"""The probes that have to ask."""

LeafProbe = LogProbe | PolledProbe | Delay
"""The probes that are no combination of others."""

Probe = LeafProbe | AllOf | AnyOf
"""Everything `ready_when` can become."""

ReadyWhen = Probe | str | re.Pattern[str] | Callable[[str], object]
"""What `ready_when` takes: a probe, a substring, a compiled pattern, or a function of one line."""


def log_line(pattern: "str | re.Pattern[str]", *, settle: Duration = 0) -> LogSubstring | LogPattern:
    """Ready when a line contains the text, or matches the compiled pattern, and the task has lived `settle` longer.

    Raises:
        ValueError: `settle` is not a duration.
    """
    settle_s = parse_duration(settle)
    if isinstance(pattern, re.Pattern):
        return LogPattern(pattern=pattern.pattern, flags=pattern.flags, settle_s=settle_s)
    return LogSubstring(text=pattern, settle_s=settle_s)


def tcp(
    port: int,
    *,
    host: str = "localhost",
    timeout: Duration | None = None,
    interval: Duration | None = None,
    backoff: Literal["fixed", "exponential"] = "fixed",
    max_interval: Duration = "30s",
    settle: Duration = 0,
    owner: PortHolder = "task",
) -> Tcp:
    """Ready when something accepts connections on the port (`localhost` tries IPv4 and IPv6).

    `timeout` (2 s) bounds each question, `interval` is the time between two: by default 50 ms, growing to 1 s. With
    `backoff="exponential"` it doubles up to `max_interval`. `settle` is how long it must hold before it counts.
    On this machine the port must be the task's own, unless `owner` is `"anyone"`.

    Raises:
        ValueError: a duration or `backoff` makes no sense.
    """
    return Tcp(
        port=port,
        host=host,
        timeout_s=_limit(timeout),
        pace=_pace(interval, backoff, max_interval),
        settle_s=parse_duration(settle),
        owner=owner,
    )


def http(
    url: str,
    *,
    status: int | None = None,
    contains: str = "",
    headers: Mapping[str, str] | None = None,
    timeout: Duration | None = None,
    interval: Duration | None = None,
    backoff: Literal["fixed", "exponential"] = "fixed",
    max_interval: Duration = "30s",
    settle: Duration = 0,
    owner: PortHolder = "task",
) -> Http:
    """Ready when a GET of the URL answers with 200 to 399, or with exactly `status`, and `contains` is in the body.

    `headers` are sent along. The other options are those of `tcp`.

    Raises:
        ValueError: a duration or `backoff` makes no sense, or `headers` is no mapping.
    """
    if headers is not None and not isinstance(headers, Mapping):
        raise ValueError(f"headers must be a mapping of names to texts, not {headers!r}")
    return Http(
        url=url,
        status=status,
        contains=contains,
        headers=tuple((headers or {}).items()),
        timeout_s=_limit(timeout),
        pace=_pace(interval, backoff, max_interval),
        settle_s=parse_duration(settle),
        owner=owner,
    )


def exec_probe(
    run: str | list[str],
    *,
    timeout: Duration | None = None,
    interval: Duration | None = None,
    backoff: Literal["fixed", "exponential"] = "fixed",
    max_interval: Duration = "30s",
    settle: Duration = 0,
) -> ExecProbe:
    """Ready when the command exits 0. It is killed after `timeout` (10 s). The other options are those of `tcp`.

    Raises:
        ValueError: a duration or `backoff` makes no sense.
    """
    return ExecProbe(
        run=run if isinstance(run, str) else tuple(run),
        timeout_s=_limit(timeout),
        pace=_pace(interval, backoff, max_interval),
        settle_s=parse_duration(settle),
    )


def file_exists(
    path: str,
    *,
    interval: Duration | None = None,
    backoff: Literal["fixed", "exponential"] = "fixed",
    max_interval: Duration = "30s",
    settle: Duration = 0,
) -> FileExists:
    """Ready when the path exists, relative to the task's cwd. The other options are those of `tcp`.

    Raises:
        ValueError: a duration or `backoff` makes no sense.
    """
    return FileExists(path=path, pace=_pace(interval, backoff, max_interval), settle_s=parse_duration(settle))


def delay(duration: Duration) -> Delay:
    """Ready after the task has run this long.

    Raises:
        ValueError: it is not a duration.
    """
    return Delay(seconds=parse_duration(duration))


def all_of(*probes: ReadyWhen, settle: Duration = 0) -> AllOf:
    """Ready when all of these hold at the same time, for as long as `settle`. Takes what `ready_when` takes.

    Raises:
        ValueError: something is no probe, or `settle` is not a duration.
    """
    return AllOf(probes=tuple(map(understood, probes)), settle_s=parse_duration(settle))


def any_of(*probes: ReadyWhen, settle: Duration = 0) -> AnyOf:
    """Ready when one of these holds, for as long as `settle`. Takes what `ready_when` takes.

    Raises:
        ValueError: something is no probe, or `settle` is not a duration.
    """
    return AnyOf(probes=tuple(map(understood, probes)), settle_s=parse_duration(settle))


def understood(given: ReadyWhen) -> Probe:
    """Return the probe that a text, a pattern, a function or a probe stands for.

    Raises:
        ValueError: it is none of them.
    """
    match given:
        case Settling() | Delay():
            return given
        case str() | re.Pattern():
            return log_line(given)
        case _ if callable(given):
            return LogPredicate(predicate=given)
        case _:
            raise ValueError(f"{given!r} is not a probe, a text, a compiled pattern or a function")


def leaves_of(probe: Probe) -> Iterator[LeafProbe]:
    """Yield the probes a combination is made of, in order; any other probe is its own leaf."""
    match probe:
        case AllOf(probes=probes) | AnyOf(probes=probes):
            for part in probes:
                yield from leaves_of(part)
        case _:
            yield probe


def _pace(interval: Duration | None, backoff: str, max_interval: Duration) -> Backoff:
    if backoff not in {"fixed", "exponential"}:
        raise ValueError(f'backoff must be "fixed" or "exponential", not {backoff!r}')
    if interval is None and backoff == "fixed":
        return EAGER
    first_s = EAGER.delay_s if interval is None else parse_duration(interval)
    longest_s = max(first_s, parse_duration(max_interval))
    return Backoff(delay_s=first_s, factor=2.0 if backoff == "exponential" else 1.0, max_delay_s=longest_s)


def _limit(timeout: Duration | None) -> float | None:
    return None if timeout is None else parse_duration(timeout)
