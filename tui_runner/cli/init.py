"""`tui-runner init`: a pipeline.py to begin with."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes: nothing of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Write the file and say how to go on."""
    from pathlib import Path

    from tui_runner.cli.output import message
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.errors.problem import Problem, ProblemKind
    from tui_runner.errors.runner_error import DefinitionError
    from tui_runner.loading.template import write_template

    directory = Path(arguments.directory or ".")
    try:
        written = write_template(directory)
    except OSError as error:
        problem = Problem(kind=ProblemKind.USAGE, message=f"cannot write to `{directory}`: {error.strerror}")
        raise DefinitionError((problem,)) from error
    print(written)
    message("`tui-runner dev` brings it up, `tui-runner list` shows what is in it")
    return ExitCode.OK
