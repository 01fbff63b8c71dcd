"""`tui-runner watch`: let changes of watched files wait, go on, or tell which of both is so."""

import argparse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tui_runner.control.protocol import Verb

_VERBS: "Final[dict[str, Verb]]" = {"pause": "pause-watching", "resume": "resume-watching"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument(
        "action",
        nargs="?",
        choices=tuple(_VERBS),
        help="pause: changed files restart nothing until `resume`, which restarts once what has changed meanwhile; "
        "without it: tell how it is",
    )
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask and tell; 1 when nothing is watched that could be paused."""
    from tui_runner.cli.output import document, message
    from tui_runner.cli.supervisor_link import connect
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.model.view import FileWatch

    with connect(running_root(arguments)) as client:
        reply = client.request(_VERBS[arguments.action] if arguments.action else "ps")
    state = FileWatch.OFF if reply.run is None else reply.run.file_watch
    told = reply.message or _TOLD[state]
    message(told)
    if arguments.format == "json":
        document({"ok": reply.ok, "message": told, "file_watch": state})
    return ExitCode.OK if reply.ok else ExitCode.TASK_FAILED


_TOLD: Final = {
    "off": "no task of this run watches files",
    "on": "files are watched",
    "paused": "changes of watched files wait: `tui-runner watch resume` goes on",
}
