"""`tui-runner explain TASK`: what a task would do, and why it would run or be skipped."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format, add_mode

    parser.add_argument("task", metavar="TASK", help="id or name of a task")
    parser.add_argument("--strict", action="store_true", help="as with `run --strict`: a missing command is a failure")
    add_mode(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print where the task is defined, what it would execute and in which surroundings."""
    from tui_runner.cli.cache_facts import cache_facts
    from tui_runner.cli.explanation import as_text, explain
    from tui_runner.cli.output import document, write
    from tui_runner.cli.workspace import load, pipeline_file, plan_of
    from tui_runner.errors.exit_code import ExitCode

    file = pipeline_file(arguments)
    pipeline = load(file)
    # The name is looked up as that of a target; neighbours are those of the whole pipeline.
    narrow = plan_of(pipeline, file.parent, arguments.mode, (arguments.task,), strict=arguments.strict)
    wide = plan_of(pipeline, file.parent, arguments.mode, strict=arguments.strict)
    wanted = narrow.targets[0]
    plan = wide if wanted in wide.tasks else narrow
    facts = explain(plan.tasks[wanted], plan, cache_facts(plan.tasks[wanted], plan))
    if arguments.format == "json":
        document(facts)
    else:
        write(as_text(facts, file.parent))
    return ExitCode.OK
