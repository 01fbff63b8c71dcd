"""Which pipeline owns which task, and what every task is called.

One Task object is owned by the first pipeline, in definition order, that holds it; other pipelines that hold it merely
refer to it. Tasks are numbered here once, in definition order; the rest of the room works with these numbers. Must not
look at dependencies beyond finding the tasks they pull in.
"""

from collections import deque
from collections.abc import Iterator, Mapping

import msgspec

from tui_runner.model.command import Command
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import Dependency, Task, TaskId


class Ownership(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Every task that belongs to a pipeline, numbered in definition order, those pulled in as dependencies last."""

    tasks: tuple[Task, ...]
    """The position of a task is its number."""
    numbers: Mapping[Task, int]
    ids: tuple[TaskId, ...]
    """Two tasks may wrongly share one; `by_id` then holds the first."""
    parents: tuple[int | None, ...]
    """Number of the nested pipeline that owns the task; None at top level."""
    by_id: Mapping[TaskId, int]
    scopes: Mapping[int | None, Mapping[str, int]]
    """Short names a task may use: per nested pipeline that owns tasks, and None for the top level."""
    pipelines: tuple[Pipeline, ...]
    """Every pipeline in pre-order, each once."""

    def members(self, number: int) -> tuple[int, ...]:
        """Return the tasks a nested pipeline holds, in definition order, whoever owns them; empty for others."""
        inner = self.tasks[number].inner
        return () if inner is None else tuple(dict.fromkeys(self.numbers[task] for task in inner.tasks))

    def enclosing(self, number: int) -> Iterator[int]:
        """Yield the nested pipelines that own the task, innermost first."""
        parent = self.parents[number]
        while parent is not None:
            yield parent
            parent = self.parents[parent]


def dependencies(task: Task, mode: str) -> Iterator[tuple[Dependency, Command | None]]:
    """Yield what a task depends on in a mode: task-level first, then that of its command, then makers of its artifacts.

    The second value is the command that asks for it, None at task level.
    """
    for dependency in task.depends_on:
        yield dependency, None
    command = task.command_for(mode)
    if command is not None:
        for dependency in command.depends_on:
            yield dependency, command
        if command.cache is not None:
            for artifact in command.cache.artifacts:
                yield artifact.task, command


def claim(pipeline: Pipeline, mode: str) -> Ownership:
    """Number all tasks of a pipeline and what they pull in, and give each its owner and id."""
    reached, held = _reach(pipeline, mode)
    claims = _Claims()
    claims.walk(pipeline, None)
    for task in reached:
        if task not in held:
            number = claims.own(task, None)
            claims.scopes[None].setdefault(task.name, number)
            if task.inner is not None:
                claims.walk(task.inner, number)
    by_id: dict[TaskId, int] = {}
    for number, task_id in enumerate(claims.ids):
        by_id.setdefault(task_id, number)
    return Ownership(
        tasks=tuple(claims.numbers),
        numbers=claims.numbers,
        ids=tuple(claims.ids),
        parents=tuple(claims.parents),
        by_id=by_id,
        scopes=claims.scopes,
        pipelines=tuple(claims.pipelines),
    )


def _reach(pipeline: Pipeline, mode: str) -> tuple[dict[Task, None], set[Task]]:
    """Return every task object that can be reached, in order of discovery, and those that some pipeline holds."""
    reached: dict[Task, None] = {}
    held: set[Task] = set(pipeline.tasks)
    pipelines = {pipeline}
    queue = deque(pipeline.tasks)
    while queue:
        task = queue.popleft()
        if task in reached:
            continue
        reached[task] = None
        if task.inner is not None and task.inner not in pipelines:
            pipelines.add(task.inner)
            held.update(task.inner.tasks)
            queue.extend(task.inner.tasks)
        queue.extend(dependency for dependency, _ in dependencies(task, mode) if isinstance(dependency, Task))
    return reached, held


class _Claims:
    """The tables of `Ownership` while they grow."""

    def __init__(self) -> None:
        self.numbers: dict[Task, int] = {}
        self.ids: list[TaskId] = []
        self.parents: list[int | None] = []
        self.scopes: dict[int | None, dict[str, int]] = {None: {}}
        self.pipelines: dict[Pipeline, None] = {}

    def own(self, task: Task, parent: int | None) -> int:
        """Return the number of a task; the first to ask becomes its owner."""
        known = self.numbers.get(task)
        if known is not None:
            return known
        number = self.numbers[task] = len(self.ids)
        self.ids.append(task.name if parent is None else f"{self.ids[parent]}:{task.name}")
        self.parents.append(parent)
        return number

    def walk(self, pipeline: Pipeline, parent: int | None) -> None:
        """Claim the tasks of a pipeline, then those of the pipelines nested in it, in pre-order."""
        stack = [(pipeline, parent)]
        while stack:
            current, owner = stack.pop()
            if current in self.pipelines:
                continue
            self.pipelines[current] = None
            scope = self.scopes.setdefault(owner, {})
            nested: list[tuple[Pipeline, int | None]] = []
            for task in current.tasks:
                number = self.own(task, owner)
                scope.setdefault(task.name, number)
                if task.inner is not None:
                    nested.append((task.inner, number))
            stack.extend(reversed(nested))
