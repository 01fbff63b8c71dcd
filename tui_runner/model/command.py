"""A command: what a task runs in one mode, and how it becomes ready, stops and is cleaned up.

Data and its factory. The factory never raises for a wrong value: it notes a problem, so that all problems of a
pipeline can be shown at once.
"""

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site, caller_site
from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.environment import environment_faults, variable_fault
from tui_runner.model.policy import Restart, Retry, Watch
from tui_runner.model.probe import Probe, ReadyWhen, as_probe

if TYPE_CHECKING:
    from tui_runner.model.task import Dependency

_Parsed = TypeVar("_Parsed")
_Raw = TypeVar("_Raw")

Run = str | tuple[str, ...]
"""A string for `/bin/sh -c`, or an argument vector."""


class Command(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a task runs in one mode. Made by `command`; compared by identity."""

    run: Run
    depends_on: "tuple[Dependency, ...]" = ()
    ready_when: Probe | None = None
    """None: dependents wait until the command has exited with 0."""
    ready_timeout_s: float | None = None
    """From spawn to ready; None waits for ever."""
    completed_timeout_s: float | None = None
    """From spawn to exit; None waits for ever."""
    stop: Run | None = None
    """Command that asks the task to end; None sends `stop_signal` instead."""
    stop_signal: int = int(signal.SIGTERM)
    stop_timeout_s: float = 10.0
    """After this long SIGKILL follows."""
    teardown: Run | None = None
    teardown_timeout_s: float = 30.0
    env: Mapping[str, str] = {}
    retry: Retry | None = None
    restart: Restart | None = None
    watch: Watch | None = None
    tty: bool = False
    """Run on a pseudo-terminal of its own instead of pipes."""
    site: Site
    problems: tuple[Problem, ...] = ()
    """What is wrong with the definition; a command with problems never runs."""


def command(
    run: str | Sequence[str],
    *,
    depends_on: "Sequence[Dependency]" = (),
    ready_when: ReadyWhen | None = None,
    ready_timeout: Duration | None = None,
    completed_timeout: Duration | None = None,
    stop: str | Sequence[str] | None = None,
    stop_signal: str | int = "SIGTERM",
    stop_timeout: Duration = 10,
    teardown: str | Sequence[str] | None = None,
    teardown_timeout: Duration = 30,
    env: Mapping[str, str] | None = None,
    retry: Retry | None = None,
    restart: Restart | None = None,
    watch: Watch | None = None,
    tty: bool = False,
) -> Command:
    """Describe what a task runs in one mode.

    A string runs through `/bin/sh -c`; a list is executed as it is. `ready_when` takes a probe, a substring, a
    compiled pattern or a function of one line. Durations are seconds or strings such as `"500ms"`.
    Wrong values are reported together with all other problems when the pipeline is planned.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_COMMAND)
    return Command(
        run=notes.run("run", run) or "",
        depends_on=as_dependencies(depends_on),
        ready_when=None if ready_when is None else notes.value("ready_when", as_probe, ready_when, None),
        ready_timeout_s=notes.seconds("ready_timeout", ready_timeout),
        completed_timeout_s=notes.seconds("completed_timeout", completed_timeout),
        stop=None if stop is None else notes.run("stop", stop),
        stop_signal=notes.value("stop_signal", parse_signal, stop_signal, int(signal.SIGTERM)),
        stop_timeout_s=notes.seconds("stop_timeout", stop_timeout) or 0.0,
        teardown=None if teardown is None else notes.run("teardown", teardown),
        teardown_timeout_s=notes.seconds("teardown_timeout", teardown_timeout) or 0.0,
        env=notes.environment("env", env),
        retry=notes.made_by("retry", Retry, retry),
        restart=notes.made_by("restart", Restart, restart),
        watch=notes.made_by("watch", Watch, watch),
        tty=tty,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def as_dependencies(raw: "Dependency | Iterable[Dependency] | None") -> "tuple[Dependency, ...]":
    """Return what `depends_on` was given as a tuple; a single task or name stands for itself.

    What is neither a task nor a name is kept: planning reports it together with all other problems.
    """
    if raw is None:
        return ()
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        return (raw,)
    return tuple(raw)


def parse_signal(value: str | int) -> int:
    """Return the signal's number for a name such as `SIGTERM`, `TERM`, or a number.

    Raises:
        ValueError: there is no such signal here.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return int(signal.Signals(value))
        name = value.upper() if isinstance(value, str) else ""
        return int(signal.Signals[name if name.startswith("SIG") else f"SIG{name}"])
    except (KeyError, ValueError):
        raise ValueError(f"`{value}` is not a signal of this system") from None


class Notes:
    """Collects problems of one definition while its values are parsed."""

    def __init__(self, site: Site, kind: ProblemKind) -> None:
        self.site = site
        self.kind = kind
        self.problems: list[Problem] = []

    def add(self, message: str, help_text: str = "") -> None:
        """Note a problem of this definition."""
        self.problems.append(Problem(kind=self.kind, message=message, site=self.site, help=help_text))

    def value(self, option: str, parse: Callable[[_Raw], _Parsed], raw: _Raw, otherwise: _Parsed) -> _Parsed:
        """Return the parsed value, or `otherwise` after noting why it could not be parsed."""
        try:
            return parse(raw)
        except (ValueError, TypeError) as error:
            self.add(f"`{option}`: {error}")
            return otherwise

    def seconds(self, option: str, raw: Duration | None) -> float | None:
        """Return seconds, or None when not given or wrong."""
        return None if raw is None else self.value(option, parse_duration, raw, None)

    def run(self, option: str, raw: str | Sequence[str]) -> Run | None:
        """Return a shell string or an argument vector that is not empty and holds no NUL."""
        if isinstance(raw, str):
            parts: tuple[str, ...] = (raw,)
        elif isinstance(raw, Sequence) and all(isinstance(part, str) for part in raw):
            parts = tuple(raw)
        else:
            self.add(f"`{option}` must be a string or a list of strings, not {raw!r}")
            return None
        if not parts or not parts[0].strip():
            self.add(f"`{option}` is empty", 'give a command such as "python app.py"')
            return None
        if any("\0" in part for part in parts):
            self.add(f"`{option}` holds a NUL character, which no program can be given")
            return None
        return raw if isinstance(raw, str) else parts

    def environment(self, option: str, raw: Mapping[str, str] | None) -> Mapping[str, str]:
        """Return the variables; names and values must be strings that the system can pass on."""
        if raw is None:
            return {}
        for fault in environment_faults(raw):
            self.add(f"`{option}`: {fault}")
        return {k: v for k, v in raw.items() if not variable_fault(k, v)} if isinstance(raw, Mapping) else {}

    def made_by(self, option: str, kind: type[_Parsed], raw: _Parsed | None) -> _Parsed | None:
        """Return the value, or None when it was not given or was not made by the function named like the option."""
        if raw is None or isinstance(raw, kind):
            return raw
        self.add(f"`{option}` must be made with `{option}(…)`, not {raw!r:.80}")
        return None
