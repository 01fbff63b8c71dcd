"""What one task comes to in one mode: command or skip, environment, directory, neighbours."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from tui_runner.model.cache import Artifact
from tui_runner.model.command import Command
from tui_runner.model.state import SkipReason
from tui_runner.model.task import Task, TaskId
from tui_runner.planning.edges import Graph
from tui_runner.planning.ownership import Ownership
from tui_runner.planning.plan import PlannedArtifact, PlannedTask
from tui_runner.planning.selection import Selection


class Settler:
    """Makes planned tasks; remembers what neighbours share, so that thousands of tasks cost little."""

    def __init__(
        self,
        ownership: Ownership,
        graph: Graph,
        selection: Selection,
        limits: Mapping[int, int],
        *,
        mode: str,
        root: str,
        env: Mapping[str, str],
        strict: bool,
    ) -> None:
        self._ownership = ownership
        self._graph = graph
        self._limits = limits
        self._mode = mode
        self._root = PurePosixPath(root)
        self._strict = strict
        self._targets = frozenset(selection.targets)
        self._directories: dict[str, str] = {}
        self._env: dict[int | None, Mapping[str, str]] = {None: dict(env)}
        self._dependents: dict[int, list[TaskId]] = {number: [] for number in selection.order}
        for number in selection.order:
            for other in graph.needs[number]:
                self._dependents[other].append(ownership.ids[number])

    def settle(self, number: int) -> PlannedTask:
        """Return the planned task of a selected number."""
        ownership, ids = self._ownership, self._ownership.ids
        task = ownership.tasks[number]
        parent = ownership.parents[number]
        command = task.command_for(self._mode)
        missing = command is None and task.inner is None
        refused = missing and self._strict and not task.allow_skip
        return PlannedTask(
            id=ids[number],
            name=task.name,
            parent=None if parent is None else ids[parent],
            composite=task.inner is not None,
            mode=self._mode,
            command=command,
            skip=SkipReason.COMMAND_NOT_FOUND if missing and not refused else None,
            may_be_skipped=task.allow_skip,
            refusal=f'[{ids[number]}] no command for "{self._mode}" and strict mode is on' if refused else None,
            cwd=self._directory(task.cwd),
            env=self._environment(task, command, parent),
            artifacts=self._artifacts(command),
            depends_on=tuple(ids[other] for other in self._graph.needs[number]),
            dependents=tuple(self._dependents[number]),
            subtasks=tuple(
                ids[member]
                for member in ownership.members(number)
                if ownership.parents[member] == number and member in self._dependents
            ),
            target=number in self._targets,
            description=task.description,
            site=task.site,
            concurrency=self._limits.get(number),
        )

    def _artifacts(self, command: Command | None) -> tuple[PlannedArtifact, ...]:
        if command is None or command.cache is None:
            return ()
        return tuple(self._artifact(artifact) for artifact in command.cache.artifacts)

    def _artifact(self, artifact: Artifact) -> PlannedArtifact:
        maker = artifact.task.command_for(artifact.mode)
        task_id = self._ownership.ids[self._ownership.numbers[artifact.task]]
        return PlannedArtifact(
            name=f"{task_id}:{artifact.mode}",
            task=task_id,
            cwd=self._directory(artifact.task.cwd),
            outputs=maker.cache.outputs if maker is not None and maker.cache is not None else (),
        )

    def _directory(self, cwd: str) -> str:
        """Return the absolute directory; `..` is left to the system, which knows about symbolic links."""
        known = self._directories.get(cwd)
        if known is None:
            known = self._directories[cwd] = str(self._root / cwd)
        return known

    def _environment(self, task: Task, command: Command | None, parent: int | None) -> Mapping[str, str]:
        """Return command over task over nested pipelines, inner first, over the run."""
        outer = self._around(parent)
        if command is None or not command.env:
            return {**outer, **task.env} if task.env else outer
        return {**outer, **task.env, **command.env}

    def _around(self, parent: int | None) -> Mapping[str, str]:
        """Return what a nested pipeline gives to the tasks in it."""
        known = self._env.get(parent)
        if known is not None or parent is None:
            return self._env[parent]
        missing = [parent]
        for outer in self._ownership.enclosing(parent):
            if outer in self._env:
                break
            missing.append(outer)
        for number in reversed(missing):
            around = self._env[self._ownership.parents[number]]
            own = self._ownership.tasks[number].env
            self._env[number] = {**around, **own} if own else around
        return self._env[parent]
