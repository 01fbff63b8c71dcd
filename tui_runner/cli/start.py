"""`tui-runner start`: start tasks of the running system, with what they need."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.task_request import WITHOUT_PROBE, add_request_arguments

    add_request_arguments(parser, f"they are ready {WITHOUT_PROBE}")
    parser.add_argument(
        "--mode",
        metavar="MODE",
        default="",
        help="run them once in this mode, beside what runs, and wait until that has ended",
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask, wait and tell."""
    from tui_runner.cli.task_request import request

    return request("start", arguments, mode=arguments.mode)
