"""`tui-runner cache ls|clear|gc`: what is kept of tasks, and how to get rid of it. Reads no definitions."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_runner.caching.garbage import Collected
    from tui_runner.caching.local_store import LocalStore
    from tui_runner.caching.store import StoredEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument(
        "action", choices=("ls", "clear", "gc"), help="list what is kept, remove it, or remove what is old or too much"
    )
    parser.add_argument("task", nargs="?", metavar="TASK", help="with ls and clear: only what is kept of this task")
    parser.add_argument(
        "--max-age", type=_age, metavar="AGE", help="with gc: what was of no use for so long goes, such as 12h, 30d"
    )
    parser.add_argument(
        "--max-size",
        type=_size,
        metavar="SIZE",
        help="with gc: what was of no use for longest goes until the rest fits",
    )
    parser.add_argument("--keep-last", type=int, metavar="N", help="with gc: the newest N results of each task stay")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """List or remove results; return 0, or 1 when the cache could not be used."""
    from tui_runner.caching.local_store import LocalStore
    from tui_runner.caching.places import CachePlaces
    from tui_runner.caching.store import CacheError
    from tui_runner.cli.output import message
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode

    if problem := _misused(arguments):
        message(f"error: {problem}")
        return ExitCode.USAGE
    store = LocalStore(CachePlaces.below(running_root(arguments)))
    try:
        return _ls(store, arguments) if arguments.action == "ls" else _remove(store, arguments)
    except CacheError as error:
        message(f"error: {error}")
        return ExitCode.TASK_FAILED


def _misused(arguments: argparse.Namespace) -> str:
    bounds = [arguments.max_age, arguments.max_size, arguments.keep_last]
    if arguments.action != "gc" and any(bound is not None for bound in bounds):
        return "--max-age, --max-size and --keep-last belong to `cache gc`"
    if arguments.action == "gc" and arguments.task is not None:
        return "`cache gc` takes no task; `cache clear TASK` removes what is kept of one"
    if arguments.keep_last is not None and arguments.keep_last < 0:
        return "--keep-last takes a number from 0 on"
    return ""


def _ls(store: "LocalStore", arguments: argparse.Namespace) -> int:
    from tui_runner.cli.output import document, message, write
    from tui_runner.errors.exit_code import ExitCode

    found = [entry for entry in store.entries() if arguments.task in {None, entry.task}]
    found.sort(key=lambda entry: (entry.task, entry.mode, -entry.created_at))
    if arguments.format == "json":
        document(found)
    elif found:
        write(_table(found))
    else:
        message("nothing is kept" if arguments.task is None else f"nothing is kept of `{arguments.task}`")
    return ExitCode.OK


def _table(entries: "Sequence[StoredEntry]") -> str:
    import time

    from tui_runner.cli.output import table
    from tui_runner.model.duration import format_duration
    from tui_runner.model.size import format_size

    now = time.time()
    rows = [
        (
            entry.task,
            entry.mode,
            entry.key[:12],
            f"{format_duration(max(0.0, now - entry.created_at))} ago",
            f"{format_duration(max(0.0, now - entry.used_at))} ago",
            str(entry.files),
            format_size(entry.size),
        )
        for entry in entries
    ]
    return table(("TASK", "MODE", "KEY", "MADE", "USED", "FILES", "SIZE"), rows)


def _remove(store: "LocalStore", arguments: argparse.Namespace) -> int:
    from tui_runner.caching.garbage import clear, collect
    from tui_runner.caching.housekeeping import MAX_AGE_S, MAX_SIZE_BYTES
    from tui_runner.cli.output import document, message
    from tui_runner.errors.exit_code import ExitCode

    if arguments.action == "clear":
        gone = clear(store, arguments.task)
    else:
        bounded = any(bound is not None for bound in (arguments.max_age, arguments.max_size, arguments.keep_last))
        gone = collect(
            store,
            max_age_s=arguments.max_age if bounded else MAX_AGE_S,
            max_size_bytes=arguments.max_size if bounded else MAX_SIZE_BYTES,
            keep_last=arguments.keep_last,
        )
    if arguments.format == "json":
        document(gone)
    else:
        message(_told(gone))
    return ExitCode.TASK_FAILED if gone.busy else ExitCode.OK


def _told(gone: "Collected") -> str:
    from tui_runner.model.size import format_size

    if gone.busy:
        return "nothing was removed: runs use the cache right now; try again when they have ended"
    results = "1 result" if gone.entries == 1 else f"{gone.entries} results"
    return f"{results} removed, {format_size(gone.bytes)} freed"


def _age(text: str) -> float:
    from tui_runner.model.duration import parse_duration

    try:
        return parse_duration(float(text) if text.isdigit() else text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> int:
    from tui_runner.model.size import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
