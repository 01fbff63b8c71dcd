"""`tui-runner stop`: stop tasks of the running system; what depends on them goes first."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.task_request import add_request_arguments

    add_request_arguments(parser, "they are gone")
    parser.add_argument(
        "--remove",
        action="store_true",
        help="take them, and what only they need, out of the run: `start` adds them again",
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask, wait and tell."""
    from tui_runner.cli.task_request import request

    return request("stop", arguments, remove=arguments.remove)
