"""`tui-runner graph`: what depends on what, as a tree, Mermaid, DOT or JSON."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format, add_mode

    parser.add_argument("task", nargs="*", metavar="TASK", help="only these tasks and what they need")
    add_mode(parser)
    add_format(parser, ("text", "mermaid", "dot", "json"))


def run(arguments: argparse.Namespace) -> int:
    """Print the graph."""
    from tui_runner.cli.output import document
    from tui_runner.cli.workspace import load, pipeline_file, plan_of
    from tui_runner.errors.exit_code import ExitCode
    from tui_runner.planning.describe import dot, graph_data, mermaid, text_tree

    file = pipeline_file(arguments)
    plan = plan_of(load(file), file.parent, arguments.mode, tuple(arguments.task) or None)
    if arguments.format == "json":
        document(graph_data(plan))
    else:
        draw = {"text": text_tree, "mermaid": mermaid, "dot": dot}[arguments.format]
        print(draw(plan), end="")
    return ExitCode.OK
