"""What `start`, `stop` and `restart` have in common: ask the supervisor about tasks and tell what came of it."""

import argparse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tui_runner.control.supervised import TaskVerb

WITHOUT_PROBE: Final = "(without `ready_when`: completed if others wait for that, else ended or running for 1 s)"
"""When a task counts as up that nothing tells to be ready."""


def add_request_arguments(parser: argparse.ArgumentParser, done: str) -> None:
    """Add what the verbs take; `done` says what they wait for."""
    from tui_runner.cli.options import add_format

    parser.add_argument("task", nargs="+", metavar="TASK", help="id of a task, such as `api` or `shop:api`")
    parser.add_argument("--no-wait", action="store_true", help=f"return at once, not when {done}")
    add_format(parser)


def request(
    verb: "TaskVerb",
    arguments: argparse.Namespace,
    *,
    with_dependents: bool = False,
    remove: bool = False,
    mode: str = "",
) -> int:
    """Ask for every task in turn; return 1 when one of the requests came to nothing.

    `with_dependents`, for `restart`, takes what depends on the tasks along. `remove`, for `stop`, takes them out of the
    run. `mode`, for `start`, runs them once in that mode.
    """
    from tui_runner.cli.output import document, message
    from tui_runner.cli.supervisor_link import check_names, connect
    from tui_runner.cli.workspace import running_root
    from tui_runner.control.dependents import running_dependents
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.planning.nearest import either

    with connect(running_root(arguments)) as client:
        views = client.request("ps").tasks
        known = {view.id for view in views}
        if verb == "start" and not known.issuperset(arguments.task):
            known.update(task.id for task in client.request("known").known)
        check_names(arguments.task, known)
        replies = []
        for task in arguments.task:
            first = running_dependents(views, task) if verb == "stop" and not remove else ()
            if first and not arguments.no_wait:
                message(f"stopping {either(first).replace(' or ', ' and ')} first: running, and in need of `{task}`")
            wait = not arguments.no_wait
            reply = client.request(verb, task, wait=wait, with_dependents=with_dependents, remove=remove, mode=mode)
            replies.append(reply)
            message(reply.message)
    ok = all(reply.ok for reply in replies)
    if arguments.format == "json":
        results = [
            {"task": task, "ok": reply.ok, "message": reply.message, "tasks": reply.tasks}
            for task, reply in zip(arguments.task, replies, strict=True)
        ]
        document({"ok": ok, "verb": verb, "results": results})
    return ExitCode.OK if ok else ExitCode.TASK_FAILED
