"""`tui-runner show RUN`: how a run went."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runner.records.history import RunRecord


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument(
        "run_id", nargs="?", default="latest", metavar="RUN", help="an id, the beginning or end of one, or `latest`"
    )
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the record of a run: its summary, or the whole of it as JSON."""
    from tui_runner.cli.output import document, write
    from tui_runner.cli.past_run import find_run
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode

    record = find_run(running_root(arguments), arguments.run_id)
    if arguments.format == "json":
        document({"run_id": record.run_id, "status": record.status, "execution": record.execution})
    else:
        write(_text(record))
    return ExitCode.OK


def _text(record: "RunRecord") -> str:
    from tui_runner.tui.log_file import last_bytes

    # The path is ours, what lies there need not be: links are refused, and what is printed is cleaned.
    summary = last_bytes(str(record.places.summary), 1 << 20).decode("utf-8", "replace")
    if summary:
        return summary
    lines = [f"run {record.run_id}: {record.status}"]
    if record.problem:
        lines.append(record.problem)
    if record.execution is not None:
        lines += [f"  {task.id}" for task in record.execution.definitions]
    return "\n".join([*lines, f"records: {record.places.path}"]) + "\n"
