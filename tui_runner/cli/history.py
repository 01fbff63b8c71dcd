"""`tui-runner history`: past runs, newest first."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_runner.records.history import RunRecord

_LONGEST_ERROR = 100
"""Of the table; `show` tells everything."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per run."""
    from tui_runner.cli.output import document
    from tui_runner.cli.past_run import all_runs
    from tui_runner.cli.workspace import running_root
    from tui_runner.errors.exit_code import ExitCode

    root = running_root(arguments)
    records = all_runs(root)
    if arguments.format == "json":
        document([_data(record) for record in records])
    elif records:
        print(_text(records), end="")
    else:
        print(f"nothing has run in {root} yet")
    return ExitCode.OK


def _text(records: "Sequence[RunRecord]") -> str:
    from datetime import datetime
    from textwrap import shorten

    from tui_runner.cli.output import table
    from tui_runner.model.duration import format_duration

    rows = []
    for record in records:
        run = record.execution
        if run is None:
            rows.append((record.run_id, record.status, "", "", "", record.problem))
            continue
        started = datetime.fromtimestamp(run.started_at).astimezone()
        took = "" if run.duration_s is None else format_duration(run.duration_s)
        why = "" if run.error is None else shorten(run.error.message, _LONGEST_ERROR, placeholder=" …")
        rows.append((record.run_id, record.status, run.mode, f"{started:%Y-%m-%d %H:%M:%S}", took, why))
    return table(("RUN", "STATUS", "MODE", "STARTED", "TOOK", "ERROR"), rows)


def _data(record: "RunRecord") -> dict[str, object]:
    run = record.execution
    return {
        "run_id": record.run_id,
        "status": record.status,
        "mode": None if run is None else run.mode,
        "started_at": None if run is None else run.started_at,
        "finished_at": None if run is None else run.finished_at,
        "duration_s": None if run is None else run.duration_s,
        "error": None if run is None else run.error,
        "summary": None if run is None else run.summary,
        "directory": str(record.places.path),
        "problem": record.problem or None,
    }
