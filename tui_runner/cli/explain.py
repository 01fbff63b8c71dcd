"""`tui-runner explain TASK`: what a task would do, and why it would run or be skipped."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tui_runner.model.pipeline import Pipeline
    from tui_runner.planning.plan import Plan

_USUAL_MODES = ("dev", "build")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    from tui_runner.cli.options import add_format

    parser.add_argument("task", metavar="TASK", help="id or name of a task")
    parser.add_argument("--strict", action="store_true", help="as with `run --strict`: a missing command is a failure")
    parser.add_argument(
        "--mode",
        "-m",
        help="the mode of the task (default: the one with the newest kept result, else dev, else build)",
    )
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
    narrow = _plan_of_task(pipeline, file.parent, arguments)
    wide = plan_of(pipeline, file.parent, narrow.mode, strict=arguments.strict)
    wanted = narrow.targets[0]
    plan = wide if wanted in wide.tasks else narrow
    facts = explain(plan.tasks[wanted], plan, cache_facts(plan.tasks[wanted], plan))
    if arguments.format == "json":
        document(facts)
    else:
        write(as_text(facts, file.parent))
    return ExitCode.OK


def _plan_of_task(pipeline: "Pipeline", root: "Path", arguments: argparse.Namespace) -> "Plan":
    """Return the plan for the task alone, in the mode that was given or the one that is most likely meant."""
    from tui_runner.cli.workspace import plan_of
    from tui_runner.errors.runner_error import DefinitionError

    plans: list[Plan] = []
    refused: list[DefinitionError] = []
    for mode in _USUAL_MODES if arguments.mode is None else (arguments.mode,):
        try:
            plans.append(plan_of(pipeline, root, mode, (arguments.task,), strict=arguments.strict))
        except DefinitionError as error:  # an artifact of one mode may bring in tasks that no other mode has
            refused.append(error)
    if not plans:
        raise refused[0]
    possible = [plan for plan in plans if plan.tasks[plan.targets[0]].skip is None]
    return max(possible, key=_newest_result) if possible else plans[0]


def _newest_result(plan: "Plan") -> float:
    """Return when the latest result of the plan's one target was kept; 0 when there is none."""
    from tui_runner.cli.cache_facts import latest_result

    return latest_result(plan.tasks[plan.targets[0]], plan)
