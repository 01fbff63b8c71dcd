"""`tui-runner restart`: restart tasks of the running system; what depends on them stays, or goes along."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.task_request import WITHOUT_PROBE, add_request_arguments

    add_request_arguments(parser, f"they are ready again {WITHOUT_PROBE}")
    parser.add_argument(
        "--with-dependents", action="store_true", help="also what depends on them and is up, or has failed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask, wait and tell."""
    from tui_runner.cli.task_request import request

    return request("restart", arguments, with_dependents=arguments.with_dependents)
