"""`tui-runner dev`: bring the system up, show it, take it down."""

import argparse
import sys
from typing import TYPE_CHECKING

from tui_runner.errors.exit_code import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from tui_runner.control.daemon_options import DaemonOptions
    from tui_runner.control.terminal_modes import TerminalModes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dev` takes."""
    from tui_runner.cli.options import add_mode
    from tui_runner.cli.run import add_run_options

    parser.add_argument(
        "targets", nargs="*", metavar="TASK", help="tasks to bring up, with what they need (default: all)"
    )
    add_mode(parser)
    add_run_options(parser, on_failure="continue")
    parser.add_argument("--no-tui", action="store_true", help="print lines instead of opening the terminal UI")
    parser.add_argument("--detach", action="store_true", help="bring it up in the background and return")


def run(arguments: argparse.Namespace) -> int:
    """Bring it up in the way that fits: UI at a terminal, lines elsewhere, in the background with `--detach`."""
    from tui_runner.cli.terminal import can_show_screen
    from tui_runner.cli.workspace import pipeline_file

    file = pipeline_file(arguments)
    if arguments.detach:
        return _detach(arguments, file)
    if arguments.no_tui or not can_show_screen():
        return _lines(arguments, file)
    return _screen(arguments, file)


def _lines(arguments: argparse.Namespace, file: "Path") -> int:
    import os

    from tui_runner.cli.foreground import run_in_foreground
    from tui_runner.cli.run import definitions_for, tell_end
    from tui_runner.cli.workspace import load
    from tui_runner.process.guardian_process import guardian_ahead
    from tui_runner.process.lean_imports import import_lean
    from tui_runner.scheduling.course import Until
    from tui_runner.supervisor.assembly import RunSettings

    with guardian_ahead() as guardian:
        import_lean("asyncio")
        definitions, plan = definitions_for(file, load(file), arguments)
        settings = RunSettings(environment=dict(os.environ), until=Until.IDLE, guardian=guardian)
        ended = run_in_foreground(plan, settings, sys.stdout, beside=False, definitions=definitions)
    tell_end(ended.result, ended.plan, arguments)
    return ended.exit_code


def _options(
    arguments: argparse.Namespace, file: "Path", *, color: bool, terminal: "TerminalModes | None" = None
) -> "DaemonOptions":
    from tui_runner.control.daemon_options import DaemonOptions
    from tui_runner.model.policy import OnFailure

    return DaemonOptions(
        file=str(file),
        mode=arguments.mode,
        targets=tuple(arguments.targets) or None,
        strict=arguments.strict,
        max_concurrency=arguments.concurrency,
        on_failure=OnFailure(arguments.on_failure),
        color=color,
        terminal=terminal,
    )


def _screen(arguments: argparse.Namespace, file: "Path") -> int:
    import os

    from tui_runner.cli.screen import show
    from tui_runner.control.launch import launch_supervisor
    from tui_runner.control.terminal_modes import modes_of

    color = not os.environ.get("NO_COLOR")
    # The supervisor starts first: services come up while the screen is being imported.
    launched = launch_supervisor(_options(arguments, file, color=color, terminal=modes_of(sys.stdout.fileno())))
    return show(launched.socket, root=file.parent, owner=True, supervisor_pid=launched.pid)


def _detach(arguments: argparse.Namespace, file: "Path") -> int:
    from tui_runner.cli.output import message
    from tui_runner.cli.owner_link import give_up_ownership
    from tui_runner.control.launch import launch_supervisor

    launched = launch_supervisor(_options(arguments, file, color=True))
    detached = give_up_ownership(launched.socket)
    for line in detached.recovered:
        message(f"note: {line}")
    message(f"{file.parent} is coming up in the background (run {detached.run_id})")
    message("`tui-runner attach` shows it, `tui-runner down` takes it down")
    return ExitCode.OK
