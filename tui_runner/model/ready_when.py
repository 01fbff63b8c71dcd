"""Reading what users pass as `ready_when` or `alive`: into a probe that makes sense, or why it makes none."""

import re
from collections.abc import Mapping

from tui_runner.model.liveness import Alive, alive
from tui_runner.model.probe import (
    AllOf,
    AnyOf,
    Asking,
    Delay,
    ExecProbe,
    FileExists,
    Http,
    LogPattern,
    LogPredicate,
    LogSubstring,
    Probe,
    ReadyWhen,
    Tcp,
    leaves_of,
    understood,
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def as_probe(ready_when: ReadyWhen) -> Probe:
    """Return the probe for what a user passed as `ready_when`.

    Raises:
        ValueError: it is none of the accepted forms, or it can never match.
    """
    probe = understood(ready_when)
    fault = _fault(probe)
    if fault:
        raise ValueError(fault)
    return probe


def as_alive(given: "Alive | Probe") -> Alive:
    """Return the liveness check for what a user passed as `alive`; a bare probe is asked as `alive` does by default.

    Raises:
        ValueError: it is neither, or it cannot tell whether the task still lives.
    """
    checked = given if isinstance(given, Alive) else alive(given)
    as_probe(checked.probe)
    if not all(isinstance(leaf, Asking) for leaf in leaves_of(checked.probe)):
        raise ValueError(
            "a log line or a delay does not tell whether the task still lives: use tcp, http, exec_probe or file_exists"
        )
    if checked.interval_s <= 0 or checked.timeout_s <= 0:
        raise ValueError("interval and timeout must be longer than zero")
    if isinstance(checked.failures, bool) or not isinstance(checked.failures, int) or checked.failures < 1:
        raise ValueError(f"failures must be a whole number of at least 1, not {checked.failures!r}")
    return checked


def _fault(probe: Probe) -> str:
    """Return why the probe can never match, or would match at once; empty when it makes sense.

    Looks at types too: users need not run a type checker over `pipeline.py`.
    """
    if isinstance(probe, Asking) and probe.pace.delay_s <= 0:
        return "the interval between two questions must be longer than zero"
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
        case Tcp():
            return _tcp_fault(probe) or _limit_fault(probe.timeout_s) or _owner_fault(probe.owner)
        case Http():
            return _http_fault(probe) or _limit_fault(probe.timeout_s) or _owner_fault(probe.owner)
        case ExecProbe(run=run, timeout_s=timeout_s):
            words = (run,) if isinstance(run, str) else run
            said = bool(words) and all(map(_is_text, words[:1]))
            return _limit_fault(timeout_s) if said else "the command of a probe is empty"
        case FileExists(path=path):
            return "" if _is_text(path) else f"the path of a file must not be empty: {path!r}"
        case AllOf(probes=probes) | AnyOf(probes=probes):
            if not probes:
                return "all_of and any_of need at least one probe"
            return next(filter(None, map(_fault, probes)), "")
        case LogPredicate() | Delay():
            return ""


def _tcp_fault(probe: Tcp) -> str:
    port = probe.port
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        return f"a port is a number from 1 to 65535, not {port!r}"
    return "" if _is_text(probe.host) else f"the host of a port must be a name or an address, not {probe.host!r}"


def _http_fault(probe: Http) -> str:
    if not isinstance(probe.url, str) or not re.match(r"https?://[^/?#]", probe.url):
        return f"{probe.url!r} is not an address that begins with http:// or https://"
    status = probe.status
    if status is not None and (isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599):
        return f"{status!r} is not an HTTP status"
    if not isinstance(probe.contains, str):
        return f"what the body contains must be a text, not {probe.contains!r}"
    return _headers_fault(dict(probe.headers))


def _headers_fault(headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            return f"{name!r} is not the name of a header"
        if not isinstance(value, str) or not value.isascii() or not value.replace("\t", " ").isprintable():
            return f"the header {name} must be a text in ASCII, without line ends"  # without it: it may be a secret
        if name.lower() in {"connection", "content-length", "transfer-encoding"}:
            return f"the header {name} cannot be set"
    return ""


def _limit_fault(timeout_s: float | None) -> str:
    return "the timeout of a probe must be longer than zero" if timeout_s is not None and timeout_s <= 0 else ""


def _owner_fault(owner: object) -> str:
    return "" if owner in {"task", "anyone"} else f'owner must be "task" or "anyone", not {owner!r}'


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
