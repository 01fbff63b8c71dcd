"""What there is to say about one planned task, as ordered facts. Pure.

Values of environment variables are never among them: people paste explanations into chats.
"""

import shlex
import signal
from pathlib import PurePath

import msgspec

from tui_runner.model.command import Command
from tui_runner.model.duration import format_duration
from tui_runner.model.on_change import on_change_words
from tui_runner.model.policy import Restart, RestartPolicy, Retry, Watch
from tui_runner.model.probe_words import describe, describe_alive
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask


class CacheFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the cache says of a task, part by part."""

    hit: bool
    """Its result is there: it would not run."""
    key: str | None
    """Hexadecimal; None when it cannot be made."""
    reason: str
    """Why it would run; empty for a hit."""
    stored_at: float | None = None
    """When the result was stored that the changes are relative to; seconds since the epoch, None without one."""
    changes: tuple[str, ...] = ()
    """Parts of the key that differ since then."""
    files: tuple[str, ...] = ()
    """Input files that differ since then."""
    missing: tuple[str, ...] = ()
    """Declared inputs that do not exist."""
    uncertain: tuple[TaskId, ...] = ()
    """Tasks whose artifacts it takes that would run before: then its inputs may change."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One task: the verdict and the facts behind it."""

    id: TaskId
    description: str
    mode: str
    verdict: str
    """What it would do and why, in a sentence."""
    defined_at: str
    command: str | tuple[str, ...] | None
    """Shell text, or arguments; None when it runs nothing itself."""
    title: str
    """What people are shown instead of the command; empty: the command itself."""
    cwd: str
    env: tuple[str, ...]
    """Names of the variables it declares, sorted."""
    needs: tuple[tuple[TaskId, str], ...]
    """Direct dependencies, each with what is waited for."""
    needed_by: tuple[TaskId, ...]
    contains: tuple[TaskId, ...]
    """The tasks of a nested pipeline."""
    policies: tuple[tuple[str, str], ...]
    """Name and description of everything else that is set: readiness, stop, teardown, retry, restart, watch."""
    cache: CacheFacts | None
    """None without a cache."""


def explain(task: PlannedTask, plan: Plan, cache: CacheFacts | None = None) -> Explanation:
    """Return what is known of a task of a plan; `cache` is what its cache says, if it has one."""
    return Explanation(
        id=task.id,
        description=task.description,
        mode=task.mode,
        verdict=_verdict(task, cache),
        defined_at=str(task.site if task.command is None else task.command.site),
        command=None if task.command is None else task.command.run,
        title="" if task.command is None else task.command.title,
        cwd=task.cwd,
        env=tuple(sorted(task.env)),
        needs=tuple((other, _awaited(plan.tasks[other])) for other in task.depends_on if other in plan.tasks),
        needed_by=task.dependents,
        contains=task.subtasks,
        policies=() if task.command is None else tuple(_policies(task.command)),
        cache=cache,
    )


def as_text(facts: Explanation, root: PurePath) -> str:
    """Return the facts for people, paths relative to the root; ends with a newline."""
    command = facts.command
    rows = [
        ("mode", facts.mode),
        ("verdict", facts.verdict),
        ("defined", _short(facts.defined_at, root)),
        ("command", facts.title or ("" if command is None else _line(command))),
        ("cwd", _short(facts.cwd, root)),
        ("variables", ", ".join(facts.env)),
        *(("needs", f"{task}: {awaited}") for task, awaited in facts.needs),
        ("needed by", ", ".join(facts.needed_by)),
        ("contains", ", ".join(facts.contains)),
        *facts.policies,
        *(() if facts.cache is None else _cache_rows(facts.cache)),
    ]
    lines = [f"{facts.id}: {facts.description}" if facts.description else facts.id]
    said = ""
    for name, text in rows:
        if text:
            first, *more = text.split("\n")
            lines.append(f"  {'' if name == said else name:<10}  {first}")
            lines += [f"  {'':<10}  {line}" for line in more]
            said = name
    return "\n".join(lines) + "\n"


def _cache_rows(cache: CacheFacts) -> list[tuple[str, str]]:
    rows = [("key", "" if cache.key is None else cache.key[:16])]
    rows += [("changed", change) for change in cache.changes]
    rows += [("file", change) for change in cache.files]
    rows += [("missing", f"the input `{path}` matches no file") for path in cache.missing]
    rows += [("depends", f"`{task}` would run before, so inputs may change") for task in cache.uncertain]
    return rows


def _verdict(task: PlannedTask, cache: CacheFacts | None) -> str:
    if task.composite:
        return "starts its tasks; done when all of them are ready, completed or skipped"
    if task.refusal is not None:
        return f"would fail: it has no command for the mode `{task.mode}`, and strict mode is on"
    if task.command is None:
        return f"would be skipped: it has no command for the mode `{task.mode}`"
    if cache is None:
        return "would run: it has no cache"
    if not cache.hit:
        return f"would run: {cache.reason}"
    if cache.uncertain:
        return f"would be skipped, unless {', '.join(f'`{one}`' for one in cache.uncertain)} makes something new"
    return "would be skipped: nothing has changed since it last succeeded"


def _awaited(task: PlannedTask) -> str:
    if task.composite:
        return "until all its tasks are ready, completed or skipped"
    if task.command is None:
        return "skipped in this mode"
    if task.command.ready_when is None:
        return "until it has exited with 0"
    return f"until {describe(task.command.ready_when)}"


def _policies(command: Command) -> list[tuple[str, str]]:
    found = []
    if command.ready_when is not None:
        limit = _within(command.ready_timeout_s)
        found.append(("ready when", describe(command.ready_when) + limit))
    if command.alive is not None:
        found.append(("alive", describe_alive(command.alive)))
    if command.completed_timeout_s is not None:
        found.append(("completes", _within(command.completed_timeout_s).lstrip(", ")))
    ask = _line(command.stop) if command.stop is not None else signal.Signals(command.stop_signal).name
    found.append(("stop", f"{ask}, then SIGKILL after {format_duration(command.stop_timeout_s)}"))
    if command.teardown is not None and not command.title:  # a title covers both
        found.append(("teardown", f"{_line(command.teardown)}{_within(command.teardown_timeout_s)}"))
    if command.retry is not None:
        found.append(("retry", _retry(command.retry)))
    if command.restart is not None:
        found.append(("restart", _restart(command.restart)))
    if command.watch is not None:
        found.append(("watches", _watch(command.watch)))
    if command.tty:
        found.append(("terminal", "a pseudo-terminal of its own"))
    return found


def _line(run: str | tuple[str, ...]) -> str:
    return run if isinstance(run, str) else shlex.join(run)


def _within(seconds: float | None) -> str:
    return "" if seconds is None else f", within {format_duration(seconds)}"


def _retry(retry: Retry) -> str:
    return f"up to {retry.attempts} attempts, {format_duration(retry.backoff.delay_s)} before the second"


def _restart(restart: Restart) -> str:
    if restart.policy is RestartPolicy.NEVER:
        return "never"
    when = "whenever it ends" if restart.policy is RestartPolicy.ALWAYS else "when it fails"
    limit = f"at most {restart.limit} times within {format_duration(restart.window_s)}"
    dependents = ", with what depends on it" if restart.restart_dependents else ""
    return f"{when}{dependents}, {limit}; forgotten once it is up for {format_duration(restart.reset_after_s)}"


def _watch(watch: Watch) -> str:
    paths = ", ".join(watch.paths)
    action = on_change_words(watch.on_change)
    dependents = "restarts what depends on it" if watch.restart_dependents else ""
    done = " and ".join(filter(None, (action, dependents)))
    return f"{paths}, and {done}" if done else paths


def _short(place: str, root: PurePath) -> str:
    path = PurePath(place)
    return str(path.relative_to(root)) if path.is_relative_to(root) else place
