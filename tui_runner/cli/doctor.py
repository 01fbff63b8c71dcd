"""`tui-runner doctor`: what this machine offers, and what stands in the way."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every check as it is made; return 1 when something will not work."""
    import sys

    from tui_runner.cli.checks import all_checks
    from tui_runner.cli.output import document, paint, wants_color, write
    from tui_runner.cli.workspace import pipeline_file
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.errors.runner_error import DefinitionError

    try:
        root = pipeline_file(arguments).parent
    except DefinitionError:
        if arguments.directory is not None or arguments.file is not None:
            raise
        root = None
    color = wants_color(sys.stdout)
    checks = []
    for check in all_checks(root):
        checks.append(check)
        if arguments.format == "text":
            code = {"ok": "32", "note": "33", "problem": "31"}[check.status]
            sys.stdout.write(paint(f"{check.status:<7}", code, color=color))
            write(f"  {check.name:<18}  {check.text}\n")
            if check.help:
                write(f"{'':<29}{check.help}\n")
            sys.stdout.flush()
    if arguments.format == "json":
        document(checks)
    return ExitCode.TASK_FAILED if any(check.status == "problem" for check in checks) else ExitCode.OK
