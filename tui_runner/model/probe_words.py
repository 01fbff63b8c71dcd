"""Probes in words for people: what is waited for. Holds no secrets: users, passwords and headers are left out."""

import re

from tui_runner.model.liveness import Alive
from tui_runner.model.probe import (
    AllOf,
    AnyOf,
    Delay,
    ExecProbe,
    FileExists,
    Http,
    LogPattern,
    LogPredicate,
    LogSubstring,
    Probe,
    Settling,
    Tcp,
)


def describe(probe: Probe) -> str:
    """Return a few words for people: what is waited for."""
    what = _what(probe)
    if not isinstance(probe, Settling) or not probe.settle_s:
        return what
    whole = f"({what})" if isinstance(probe, AllOf | AnyOf) else what
    return f"{whole} for {probe.settle_s:g} s"


def describe_alive(checked: Alive) -> str:
    """Return a few words for people: what is asked of a running task, how often, and when it is given up."""
    patience = f"given up after {checked.failures} failures in a row" if checked.failures > 1 else "given up at once"
    return f"{describe(checked.probe)}, every {checked.interval_s:g} s, {patience}"


def _what(probe: Probe) -> str:
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
            return re.sub(r"//[^/?#]*@", "//", probe.url) + (f" with `{probe.contains}`" if probe.contains else "")
        case ExecProbe():
            return f"`{probe.run if isinstance(probe.run, str) else ' '.join(probe.run)}`"
        case FileExists():
            return f"the file {probe.path}"
        case Delay():
            return f"{probe.seconds:g} s to pass"
        case AllOf(probes=probes):
            return " and ".join(map(_as_part, probes))
        case AnyOf(probes=probes):
            return " or ".join(map(_as_part, probes))


def _as_part(probe: Probe) -> str:
    words = describe(probe)
    grouped = isinstance(probe, AllOf | AnyOf) and not probe.settle_s and len(probe.probes) > 1
    return f"({words})" if grouped else words
