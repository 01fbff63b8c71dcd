"""A command: what a task runs in one mode, and how it becomes ready, stops and is cleaned up.

Data and its factory. The factory never raises for a wrong value: it notes a problem, so that all problems of a
pipeline can be shown at once.
"""

import signal
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site, caller_site
from tui_runner.model.cache import CacheSpec
from tui_runner.model.duration import Duration
from tui_runner.model.liveness import Alive
from tui_runner.model.memory_limit import MemoryLimit, OnMemory, parse_memory_limit
from tui_runner.model.notes import Notes
from tui_runner.model.policy import Restart, Retry, Watch
from tui_runner.model.probe import Probe, ReadyWhen
from tui_runner.model.ready_when import as_alive, as_probe
from tui_runner.model.run import Run
from tui_runner.model.signal_name import parse_signal

if TYPE_CHECKING:
    from tui_runner.model.task import Dependency


class Command(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a task runs in one mode. Made by `command`; compared by identity."""

    run: Run
    depends_on: "tuple[Dependency, ...]" = ()
    ready_when: Probe | None = None
    """None: dependents wait until the command has exited with 0."""
    ready_timeout_s: float | None = None
    """From spawn to ready; None waits for ever."""
    alive: Alive | None = None
    """How a running task shows that it still lives; None does not ask."""
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
    cache: CacheSpec | None = None
    """When it need not run; None runs it always."""
    retry: Retry | None = None
    restart: Restart | None = None
    watch: Watch | None = None
    tty: bool = False
    """Run on a pseudo-terminal of its own instead of pipes."""
    unavailable_exit_code: int | None = None
    """What it exits with when it cannot run on this machine at all; a task with `allow_skip` is then skipped."""
    title: str = ""
    """What people are shown instead of `run`; empty: `run` itself."""
    memory: MemoryLimit | None = None
    """Most memory that it and everything below it may use; None sets no limit."""
    site: Site
    problems: tuple[Problem, ...] = ()
    """What is wrong with the definition; a command with problems never runs."""


def command(
    run: str | Sequence[str],
    *,
    depends_on: "Sequence[Dependency]" = (),
    ready_when: ReadyWhen | None = None,
    ready_timeout: Duration | None = None,
    alive: Alive | Probe | None = None,
    completed_timeout: Duration | None = None,
    stop: str | Sequence[str] | None = None,
    stop_signal: str | int = "SIGTERM",
    stop_timeout: Duration = 10,
    teardown: str | Sequence[str] | None = None,
    teardown_timeout: Duration = 30,
    env: Mapping[str, str] | None = None,
    cache: CacheSpec | None = None,
    retry: Retry | None = None,
    restart: Restart | None = None,
    watch: Watch | None = None,
    max_memory: str | int | None = None,
    on_memory: OnMemory = "warn",
    tty: bool = False,
) -> Command:
    """Describe what a task runs in one mode.

    A string runs through `/bin/sh -c`; a list is executed as it is. `ready_when` takes a probe, a substring, a
    compiled pattern or a function of one line; `alive` what `alive(…)` made, or a probe that asks. Durations are
    seconds or strings such as `"500ms"`.
    `max_memory` (bytes, or a text such as `"512MB"`) is what all processes of the task together may use; `on_memory`
    says whether its log only says so, or it is restarted.
    Wrong values are reported together with all other problems when the pipeline is planned.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_COMMAND)
    return Command(
        run=notes.run("run", run) or "",
        depends_on=as_dependencies(depends_on),
        ready_when=None if ready_when is None else notes.value("ready_when", as_probe, ready_when, None),
        ready_timeout_s=notes.seconds("ready_timeout", ready_timeout),
        alive=None if alive is None else notes.value("alive", as_alive, alive, None),
        completed_timeout_s=notes.seconds("completed_timeout", completed_timeout),
        stop=None if stop is None else notes.run("stop", stop),
        stop_signal=notes.value("stop_signal", parse_signal, stop_signal, int(signal.SIGTERM)),
        stop_timeout_s=notes.seconds("stop_timeout", stop_timeout) or 0.0,
        teardown=None if teardown is None else notes.run("teardown", teardown),
        teardown_timeout_s=notes.seconds("teardown_timeout", teardown_timeout) or 0.0,
        env=notes.environment("env", env),
        cache=notes.made_by("cache", CacheSpec, cache),
        retry=notes.made_by("retry", Retry, retry),
        restart=notes.made_by("restart", Restart, restart),
        watch=notes.made_by("watch", Watch, watch),
        memory=_memory_limit(notes, max_memory, on_memory),
        tty=tty,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def _memory_limit(notes: Notes, most: str | int | None, action: OnMemory) -> MemoryLimit | None:
    if most is None:
        if action != "warn":
            notes.add(f"`on_memory` is {action!r}, and nothing says how much is too much", 'give `max_memory="512MB"`')
        return None
    return notes.value("max_memory", lambda size: parse_memory_limit(size, action), most, None)


def as_dependencies(raw: "Dependency | Iterable[Dependency] | None") -> "tuple[Dependency, ...]":
    """Return what `depends_on` was given as a tuple; a single task or name stands for itself.

    What is neither a task nor a name is kept: planning reports it together with all other problems.
    """
    if raw is None:
        return ()
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        return (raw,)
    return tuple(raw)
