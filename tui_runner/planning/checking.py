"""Plans with everything checked that a person may have got wrong, all of it at once. Pure but for the question it is given."""

from collections.abc import Callable

from tui_runner.errors.problem import Problem
from tui_runner.model.pipeline import Pipeline
from tui_runner.planning.directories import missing_directories, missing_first_directories
from tui_runner.planning.modes import unknown_mode
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline


def checked_plan(
    pipeline: Pipeline, request: PlanRequest, is_directory: Callable[[str], bool]
) -> Plan | tuple[Problem, ...]:
    """Return a plan that can be started, or all problems: of the graph, the options, the mode and the directories.

    `is_directory` is asked about absolute paths.
    """
    plan = plan_pipeline(pipeline, request)
    if isinstance(plan, tuple):
        return plan + missing_first_directories(pipeline, request.mode, request.root, is_directory)
    problems = missing_directories(plan, is_directory)
    slip = unknown_mode(pipeline, plan)
    if slip is not None:
        problems = (slip, *problems)
    return problems or plan
