"""`summary.md`: how a run went, for people. Pure: statistics in, Markdown out, failures first.

Names, messages and output come from strangers: nothing of them may become markup.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from tui_runner.model.duration import format_duration
from tui_runner.model.result import RunStats, TaskStats
from tui_runner.model.state import SkipReason
from tui_runner.model.task import TaskId

_ORDER: Final = {"failed": 0, "aborted": 1, "pending": 2, "running": 3, "ready": 4, "completed": 5, "skipped": 6}
_MARKUP: Final = r"[\\`*<>|~&$]|\](?=[(\[:])|(?<!\w)_|_(?!\w)|^[#+=-]"
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :./,")
"""Most names have nothing else, and need no pattern."""
"""Only what would be markup where it stands: the file is also read as it is."""


def render_summary(
    stats: RunStats,
    *,
    run_id: str = "",
    name: str = "",
    error: str = "",
    last_lines: Mapping[TaskId, Sequence[str]] | None = None,
) -> str:
    """Return the summary as Markdown, ending with a newline.

    `error` says why the run did not succeed. `last_lines` are plain lines of output, shown for failed tasks.
    """
    leaves = sorted(_leaves(stats.tasks), key=lambda task: _ORDER[task.status])
    parts = [f"# {_text(name) or 'Run'}: {stats.status}", _facts(stats, run_id)]
    if error:
        parts.append(f"**{_text(error)}**")
    parts.append(_table(leaves))
    shown = last_lines or {}
    parts += [_failure(task, shown.get(task.id, ())) for task in leaves if task.status == "failed"]
    if teardowns := [task for task in leaves if task.teardown is not None and task.teardown.status == "failed"]:
        lines = (f"- {_text(task.id)}: {_text(_teardown_error(task))}" for task in teardowns)
        parts.append("\n".join(["## Failed teardowns", "", *lines]))
    if given_up := [task for task in leaves if task.teardown is not None and task.teardown.given_up]:
        names = (f"- {_text(task.id)}" for task in given_up)
        words = "What they clean up may be left behind."
        parts.append("\n".join(["## Teardowns that were given up", "", words, "", *names]))
    return "\n\n".join(parts) + "\n"


def _leaves(tasks: Sequence[TaskStats]) -> Iterator[TaskStats]:
    for task in tasks:
        if task.subtasks:
            yield from _leaves(task.subtasks)
        else:
            yield task


def _facts(stats: RunStats, run_id: str) -> str:
    counts = stats.summary
    told = [
        f"{number} {word}"
        for number, word in (
            (counts.failed, "failed"),
            (counts.aborted, "aborted"),
            (counts.pending, "never started"),
            (counts.completed, "completed"),
            (counts.skipped, "skipped"),
        )
        if number
    ]
    started = datetime.fromtimestamp(stats.started_at, UTC)
    lines = [
        *([f"- run `{_code(run_id)}`"] if run_id else []),
        f"- mode {_text(stats.mode)}, started {started:%Y-%m-%d %H:%M:%S} UTC, took {format_duration(stats.duration_s)}",
        f"- {counts.total} task{'' if counts.total == 1 else 's'}" + (f": {', '.join(told)}" if told else ""),
    ]
    return "\n".join(lines)


def _table(leaves: Sequence[TaskStats]) -> str:
    head = ["| Task | Status | Exit | Attempts | Duration | Notes |", "| --- | --- | --- | ---: | ---: | --- |"]
    rows = (
        f"| {_text(task.id)} | {task.status} | {_exit(task)} | {task.attempts or ''} "
        f"| {'' if task.duration_s is None else format_duration(task.duration_s)} | {_text(_notes(task))} |"
        for task in leaves
    )
    return "\n".join([*head, *rows])


def _exit(task: TaskStats) -> str:
    if task.signal is not None:
        return _text(task.signal)
    return "" if task.exit_code is None else str(task.exit_code)


def _notes(task: TaskStats) -> str:
    notes = [
        f"waits for {task.blocked_by}, which failed" if task.blocked_by else "",
        SkipReason(task.skip_reason).words if task.status == "skipped" and task.skip_reason else "",
        "stopped by us" if task.stopped else "",
        f"{task.restarts} restarts" if task.restarts > 1 else "1 restart" if task.restarts else "",
        task.cache.words if task.cache is not None and not task.cache.hit else "",
        _teardown_note(task),
    ]
    return ", ".join(note for note in notes if note)


def _failure(task: TaskStats, last_lines: Sequence[str]) -> str:
    parts = [f"## {_text(task.id)}"]
    if task.error:
        parts.append(_text(task.error))
    if last_lines:
        printable = "\n".join(_printable(line) for line in last_lines)
        # A fence longer than any in the output, so that the output cannot end it.
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", printable)), default=0))
        parts.append(f"{fence}text\n{printable}\n{fence}")
    if task.log_file:
        parts.append(f"Whole output: `{_code(task.log_file)}`")
    return "\n\n".join(parts)


def _teardown_note(task: TaskStats) -> str:
    if task.teardown is None:
        return ""
    if task.teardown.given_up:
        return "teardown given up"
    return "teardown failed" if task.teardown.status == "failed" else ""


def _teardown_error(task: TaskStats) -> str:
    return (task.teardown.error if task.teardown is not None else None) or "failed"


def _text(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    if _PLAIN.issuperset(text):
        return text
    return re.sub(_MARKUP, r"\\\g<0>", _printable(text.replace("\n", " ")))


def _code(text: str) -> str:
    """Return text for a code span."""
    return _printable(text).replace("`", "'")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "    " if c == "\t" else "?" for c in text)
