"""`tui-runner attach`: open the terminal UI of the running system; leaving it stops nothing unless asked."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing more."""


def run(arguments: argparse.Namespace) -> int:
    """Show the running system."""
    from tui_runner.cli.supervisor_link import connect
    from tui_runner.cli.terminal import can_show_screen
    from tui_runner.cli.workspace import running_root
    from tui_runner.control.places import places_for
    from tui_runner.errors.problem import Problem, ProblemKind
    from tui_runner.errors.runner_error import DefinitionError

    root = running_root(arguments)
    if not can_show_screen():
        raise DefinitionError(
            (
                Problem(
                    kind=ProblemKind.USAGE,
                    message="`attach` needs a terminal that can show a screen",
                    help="`tui-runner logs -f` prints lines, `tui-runner ps` what runs",
                ),
            )
        )
    connect(root).close()  # says what is wrong before the screen is opened

    from tui_runner.cli.screen import show

    return show(places_for(root).socket, root=root, owner=False, supervisor_pid=None)
