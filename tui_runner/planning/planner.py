"""From a pipeline and a wish to a plan, or to everything that is wrong with the definitions. Pure.

    ownership ─► edges ─► cycles ─► selection ─► planned tasks

Definition problems are looked for over the whole pipeline, even when targets select a part of it.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec

from tui_runner.errors.problem import Problem
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.policy import OnFailure
from tui_runner.model.task import Task, TaskId
from tui_runner.planning.cycles import cycle_problems
from tui_runner.planning.definitions import definition_problems
from tui_runner.planning.edges import build_graph
from tui_runner.planning.options import inner_limits, option_problems
from tui_runner.planning.ownership import claim
from tui_runner.planning.plan import Plan, PlannedTask, gate_of
from tui_runner.planning.selection import find_targets, select
from tui_runner.planning.settling import Settler


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a pipeline."""

    mode: str
    root: str
    """Absolute directory that relative paths start from."""
    targets: tuple[Task | str, ...] | None = None
    """Task objects, ids or names; None means all tasks of the pipeline itself."""
    env: Mapping[str, str] = {}
    """Variables of the run, below those of nested pipelines, tasks and commands."""
    strict: bool = False
    """A task without a command for the mode fails, unless it allows to be skipped."""
    max_concurrency: int | None = None
    """None: bounded by the open-file limit when it runs."""
    on_failure: OnFailure = OnFailure.STOP


def plan_pipeline(pipeline: Pipeline, request: PlanRequest) -> Plan | tuple[Problem, ...]:
    """Return a checked plan, or all problems in a deterministic order. Never raises for what users wrote."""
    problems = option_problems(mode=request.mode, max_concurrency=request.max_concurrency, env=request.env)
    if not isinstance(request.mode, str):
        return tuple(problems)
    ownership = claim(pipeline, request.mode)
    graph, unknown = build_graph(ownership, request.mode)
    limits, wrong_limits = inner_limits(ownership, request.mode)
    targets, unknown_targets = find_targets(ownership, pipeline, request.targets)
    problems += definition_problems(ownership)
    problems += unknown
    problems += cycle_problems(ownership, graph)
    problems += wrong_limits
    problems += unknown_targets
    if problems:
        return tuple(problems)

    selection = select(ownership, graph, targets)
    ids = ownership.ids
    settler = Settler(
        ownership,
        graph,
        selection,
        limits,
        mode=request.mode,
        root=request.root,
        env=request.env,
        strict=request.strict,
    )
    tasks: dict[TaskId, PlannedTask] = {ids[number]: settler.settle(number) for number in selection.order}

    def name_of(node: int) -> str:
        task_id = ids[graph.task_of(node)]
        return gate_of(task_id) if graph.is_gate(node) else task_id

    return Plan(
        name=pipeline.name or PurePosixPath(request.root).name,
        mode=request.mode,
        root=request.root,
        tasks=tasks,
        after={name_of(node): tuple(map(name_of, others)) for node, others in selection.waits.items()},
        targets=tuple(ids[number] for number in selection.targets),
        top_level=tuple(ids[number] for number in selection.order if ownership.parents[number] is None),
        max_concurrency=request.max_concurrency,
        on_failure=request.on_failure,
        retention=pipeline.retention,
    )
