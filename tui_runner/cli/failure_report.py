"""What a person wants to know of a failed task, unasked.

Command, place, how it ended, how long it ran, its last lines, what it blocked, how to run it again. Reads the log only.
"""

import shlex
from collections.abc import Sequence

from tui_runner.cli.output import paint
from tui_runner.errors.render import printable
from tui_runner.model.duration import format_duration
from tui_runner.model.result import RunResult, TaskStats
from tui_runner.planning.plan import Plan
from tui_runner.process.log_tail import last_lines
from tui_runner.supervisor.ledger import title_of
from tui_runner.supervisor.secrecy import redaction_of

_LINES = 15
_MOST_BYTES = 16 << 10


def failure_reports(result: RunResult, plan: Plan, *, options: Sequence[str], color: bool) -> str:
    """Return a report for each failed task, ending with a newline; empty when none has failed.

    `options` are those that a run needs to go the same way from here, such as `-C DIR`.
    """
    tasks = _leaves(result.stats.tasks)
    failed = [task for task in tasks if task.status == "failed" and task.id in plan.tasks]
    return "".join(_report(task, tasks, plan, options=options, color=color) for task in failed)


def _report(task: TaskStats, tasks: list[TaskStats], plan: Plan, *, options: Sequence[str], color: bool) -> str:
    planned = plan.tasks[task.id]
    command = planned.command
    facts: list[tuple[str, str]] = []
    if command is not None:
        shown = redaction_of(plan).text(title_of(command))
        facts += [("command", shown), ("defined", str(command.site))]
    facts += [("directory", planned.cwd), ("ended", _ending(task))]
    if task.duration_s is not None:
        facts.append(("ran for", format_duration(task.duration_s)))
    blocked = [other.id for other in tasks if other.blocked_by == task.id]
    if blocked:
        facts.append(("blocked", ", ".join(blocked)))
    facts.append(("again", _again(task, options)))
    lines = ["", paint(f"✗ {printable(task.id)}", "1;31", color=color)]
    lines += [f"  {name:<10} {printable(text)}" for name, text in facts]
    if task.log_file is not None and (last := last_lines(task.log_file, _LINES, most_bytes=_MOST_BYTES)):
        lines.append("  last lines")
        lines += [f"  {paint('|', '31', color=color)} {printable(line)}" for line in last]
    return "\n".join(lines) + "\n"


def _again(task: TaskStats, options: Sequence[str]) -> str:
    """Return what can be pasted into the shell that this run was started from."""
    options = [*options, *(() if task.mode == "build" else ("--mode", task.mode))]
    words = [*options, "--", task.id] if task.id.startswith("-") else [task.id, *options]
    return shlex.join(["tui-runner", "run", *words])


def _ending(task: TaskStats) -> str:
    again = "" if task.crash_loop is None else f"; {task.crash_loop.words}"
    if task.signal is not None:
        return f"by {task.signal}{again}"
    if task.exit_code is not None:
        return f"exit code {task.exit_code}{again}"
    return (task.error or "never started").removeprefix(f"[{task.id}] ")


def _leaves(tasks: tuple[TaskStats, ...]) -> list[TaskStats]:
    leaves: list[TaskStats] = []
    for task in tasks:
        leaves += _leaves(task.subtasks) if task.subtasks else [task]
    return leaves
