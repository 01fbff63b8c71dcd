"""`tui-runner reload`: load `pipeline.py` again in the running system; only what changed is restarted."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runner.model.plan_changes import PlanChanges


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument("--dry-run", action="store_true", help="only tell what would change")
    parser.add_argument("--no-wait", action="store_true", help="return at once, not when what is started anew is up")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and tell what changed; 2 when the definitions are wrong, and everything goes on as it is."""
    from tui_runner.cli.output import document, message, report, write
    from tui_runner.cli.supervisor_link import connect
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode

    with connect(running_root(arguments)) as client:
        reply = client.request("reload", wait=not arguments.no_wait, preview=arguments.dry_run)
    changes = reply.changes
    if arguments.format == "json":
        document({"ok": reply.ok, "message": reply.message, "changes": changes, "problems": reply.problems})
    elif changes is not None and changes:
        write("".join(f"{line}\n" for line in _lines(changes)))
    if reply.problems:
        report(reply.problems)
        message("nothing was changed: the system goes on as it is")
        return ExitCode.USAGE
    message(reply.message)
    return ExitCode.OK if reply.ok else ExitCode.TASK_FAILED


def _lines(changes: "PlanChanges") -> Iterator[str]:
    """Yield a line for every task that is not the same, with why and what that means to it."""
    for task in changes.added:
        yield f"+ {task}"
    for task in changes.removed:
        yield f"- {task}" + ("  (running)" if task in changes.lost else "")
    for change in changes.changed:
        fields = ", ".join(change.fields)
        if change.task in changes.lost:
            yield f"~ {change.task}  {fields}  (torn down, then started)"
        elif change.restarts:
            yield f"~ {change.task}  {fields}  (restarted)"
        else:
            yield f"~ {change.task}  {fields}"
    for task in changes.along:
        yield f"  {task}  (restarted: what it needs is torn down)"
