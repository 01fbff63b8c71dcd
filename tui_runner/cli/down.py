"""`tui-runner down`: take the running system down in order."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument("--no-wait", action="store_true", help="return at once, not when everything is gone")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask for the stop and return when supervisor, guardian and every process are gone. Asked again, it kills."""
    from tui_runner.cli.output import document, message
    from tui_runner.cli.supervisor_link import connect
    from tui_runner.cli.workspace import running_root
    from tui_runner.control.lock import wait_until_free
    from tui_runner.control.places import places_for
    from tui_runner.errors.exit_code import ExitCode

    root = running_root(arguments)
    with connect(root, any_version=True) as client:
        told = client.request("down", wait=False).message
        message(told)
        if not arguments.no_wait:
            client.wait_closed()
            # The lock is held as long as the process lives: only then ports and files are really free.
            wait_until_free(places_for(root).lock)
            told = "everything has stopped"
            message(told)
    if arguments.format == "json":
        document({"ok": True, "message": told, "root": str(root)})
    return ExitCode.OK
