"""`tui-runner ps`: the tasks of the running system."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_runner.model.task import TaskId
    from tui_runner.model.usage import TaskUsage
    from tui_runner.model.view import RunView, TaskView


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the run and its tasks as they are now, with what they use of the machine."""
    from tui_runner.cli.output import document, message
    from tui_runner.cli.supervisor_link import connect
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.model.view import FileWatch

    with connect(running_root(arguments), any_version=True) as client:
        reply = client.request("ps", usage=True)
    usage = {one.task: one for one in reply.usage}
    if arguments.format == "json":
        document({"run": reply.run, "tasks": [_with_usage(task, usage.get(task.id)) for task in reply.tasks]})
    else:
        print(_text(reply.run, reply.tasks, usage), end="")
        if reply.run is not None and reply.run.file_watch is FileWatch.PAUSED:
            message("changes of watched files wait: `tui-runner watch resume` goes on")
    return ExitCode.OK


def _with_usage(task: "TaskView", usage: "TaskUsage | None") -> dict[str, object]:
    """Return a task as it is written in JSON; its usage is null when nothing of it runs."""
    import msgspec

    told = None if usage is None else msgspec.to_builtins(usage)
    if told is not None:
        del told["task"]
    return {**msgspec.to_builtins(task), "usage": told}


def _text(run: "RunView | None", tasks: "tuple[TaskView, ...]", usage: "Mapping[TaskId, TaskUsage]") -> str:
    import time

    from tui_runner.cli.output import table
    from tui_runner.cli.state_words import detail, word
    from tui_runner.model.duration import format_duration
    from tui_runner.model.size import format_size
    from tui_runner.model.usage import TaskUsage
    from tui_runner.model.view import RunPhase

    nothing = TaskUsage(task="")
    now = time.time()
    rows = [
        (
            task.id,
            word(task.state),
            format_duration(max(0.0, now - task.since)) if task.since else "",
            str(getattr(task.state, "pid", 0) or ""),
            f"{used.cpu_percent:.0f}%" if used.processes else "",
            format_size(used.rss) if used.processes else "",
            " ".join(map(str, used.ports)),
            str(task.restarts or ""),
            task.address,
            f"does not answer: {task.unhealthy}"
            if task.unhealthy
            else detail(task.state, task.waiting_for, max(0.0, now - task.since)),
        )
        for task in tasks
        for used in (usage.get(task.id, nothing),)
    ]
    text = table(("TASK", "STATE", "FOR", "PID", "CPU", "MEMORY", "PORTS", "RESTARTS", "ADDRESS", ""), rows)
    if run is not None and run.phase is not RunPhase.RUNNING:
        text += f"\nthe run is {run.phase.value}{f': {run.cause}' if run.cause else ''}\n"
    return text
