"""The plan: everything the scheduler needs to know, checked and resolved. Data only.

A nested pipeline is two nodes of the graph. Its *gate* (`gate_of(id)`) comes before the inner tasks and carries the
dependencies of the whole; the node with its own id comes after them and is what dependents wait for. So edges into,
out of and across nested pipelines are ordinary edges, and stopping walks the same graph backwards.
"""

from collections.abc import Mapping

import msgspec

from tui_runner.errors.site import Site
from tui_runner.model.command import Command
from tui_runner.model.policy import OnFailure
from tui_runner.model.retention import Retention
from tui_runner.model.state import SkipReason
from tui_runner.model.task import TaskId

NodeId = str
"""A task id, or the gate of a nested pipeline."""


def gate_of(composite: TaskId) -> NodeId:
    """Return the id of the node before the inner tasks; no task id ends with `:`."""
    return f"{composite}:"


class PlannedArtifact(msgspec.Struct, frozen=True, kw_only=True):
    """What another task makes, as an input of a cache."""

    name: str
    """`<id of the maker>:<mode>`, for people and for keys."""
    task: TaskId
    cwd: str
    """Absolute directory its outputs are relative to."""
    outputs: tuple[str, ...]


class PlannedTask(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One task of the plan, resolved for one mode."""

    id: TaskId
    name: str
    parent: TaskId | None
    composite: bool
    """It stands for a nested pipeline and runs nothing itself."""
    mode: str
    command: Command | None
    """None for a nested pipeline, and for a task that is skipped or refused."""
    skip: SkipReason | None = None
    """It will be skipped when its turn comes."""
    may_be_skipped: bool = False
    """It is skipped, and does not fail, when its command says that it cannot run on this machine."""
    refusal: str | None = None
    """It will fail with this message when its turn comes: strict mode and no command."""
    cwd: str
    """Absolute."""
    env: Mapping[str, str] = {}
    """Declared variables after precedence: command > task > nested pipelines, inner first > `run(env=)`."""
    artifacts: tuple[PlannedArtifact, ...] = ()
    """What its cache wants of other tasks."""
    depends_on: tuple[TaskId, ...] = ()
    """Direct dependencies as the user wrote them (task-level, then command-level), without duplicates."""
    dependents: tuple[TaskId, ...] = ()
    subtasks: tuple[TaskId, ...] = ()
    """Of a nested pipeline: its selected direct members, in definition order."""
    target: bool = False
    description: str = ""
    site: Site
    concurrency: int | None = None
    """Of a nested pipeline: its own limit."""
    once_of: TaskId | None = None
    """The task that this one is in another mode, run by hand beside what the run is for; its failure fails nothing else."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A checked plan: acyclic, complete, deterministic."""

    name: str
    mode: str
    root: str
    """Absolute directory that relative paths start from."""
    tasks: Mapping[TaskId, PlannedTask]
    """In scheduling order: depth first from the roots in definition order, a task before its dependencies."""
    after: Mapping[NodeId, tuple[NodeId, ...]]
    """Every node, gates included, and the nodes it waits for; no duplicates."""
    targets: tuple[TaskId, ...]
    top_level: tuple[TaskId, ...]
    """Tasks without a parent, in scheduling order, those pulled in as dependencies included."""
    max_concurrency: int | None = None
    """None: bounded by the open-file limit when it runs."""
    on_failure: OnFailure = OnFailure.STOP
    retention: Retention = Retention()
    """How much of its output, and of past runs, stays on the disk."""
