"""`tui-runner logs`: the output of tasks, of the running system or of a past run."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui_runner.model.task import TaskId
    from tui_runner.model.view import TaskView


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.add_argument("task", nargs="*", metavar="TASK", help="these tasks only; a nested pipeline means all in it")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is printed from now on")
    parser.add_argument("-n", "--lines", type=_count, metavar="N", help="only the last N lines of each task")
    parser.add_argument("--run", metavar="RUN", help="of this past run: an id, the end of one, or `latest`")
    parser.add_argument("--raw", action="store_true", help="bytes as the task wrote them; for one task")


def run(arguments: argparse.Namespace) -> int:
    """Print the logs, merged in the order of time; with `-f` until the run ends."""
    from tui_runner.cli.log_printer import LogPrinter
    from tui_runner.cli.supervisor_link import connect, connect_if_running
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode

    root = running_root(arguments)
    client = connect(root) if arguments.follow else None if arguments.run else connect_if_running(root)
    if client is None:
        LogPrinter(_files_of_past(root, arguments), raw=arguments.raw).print_files(arguments.lines)
        return ExitCode.OK
    with client:
        printer = LogPrinter(_files_of_views(client.request("ps").tasks, arguments.task), raw=arguments.raw)
        printer.print_files(arguments.lines)
        if arguments.follow:
            printer.follow(client)
    return ExitCode.OK


def _files_of_views(views: "Iterable[TaskView]", names: list[str]) -> "dict[TaskId, str]":
    listed = list(views)
    files = {view.id: view.log_file for view in listed if not view.composite}
    return _chosen(files, [view.id for view in listed], names)


def _files_of_past(root: "Path", arguments: argparse.Namespace) -> "dict[TaskId, str]":
    from tui_runner.cli.past_run import find_run

    record = find_run(root, arguments.run or "latest")
    definitions = () if record.execution is None else record.execution.definitions
    files = {task.id: str(record.places.log_of(task.id)) for task in definitions if task.command is not None}
    return _chosen(files, [task.id for task in definitions], arguments.task)


def _chosen(files: "dict[TaskId, str]", known: "list[TaskId]", names: list[str]) -> "dict[TaskId, str]":
    """Return the logs of the named tasks and of what nested pipelines among them hold; all when none is named."""
    from tui_runner.cli.supervisor_link import check_names

    check_names(names, known)
    if not names:
        return files
    return {
        task: path for task, path in files.items() if any(task == name or task.startswith(f"{name}:") for name in names)
    }


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("it must not be negative")
    return count
