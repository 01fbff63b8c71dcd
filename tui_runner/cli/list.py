"""`tui-runner list`: the tasks of the workspace."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format, add_mode

    add_mode(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per task in definition order, those of nested pipelines below them."""
    from tui_runner.cli.output import document, table
    from tui_runner.cli.workspace import load, pipeline_file, plan_of
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.planning.task_rows import task_rows

    file = pipeline_file(arguments)
    pipeline = load(file)
    rows = task_rows(pipeline, plan_of(pipeline, file.parent, arguments.mode))
    if arguments.format == "json":
        document(rows)
    elif rows:
        cells = [
            ("  " * row.depth + (row.name if row.depth else row.id), _modes(row.modes), row.description) for row in rows
        ]
        print(table(("TASK", "MODES", "DESCRIPTION"), cells), end="")
    else:
        print("there are no tasks")
    return ExitCode.OK


def _modes(modes: tuple[str, ...]) -> str:
    return " ".join("(any)" if mode == "*" else mode for mode in modes)
