"""From a planned task to what the guardian is asked for: environment, programs, limits. Starts nothing."""

from collections.abc import Mapping

from tui_runner.model.command import Command
from tui_runner.model.run import Run
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask
from tui_runner.process import argv, environment
from tui_runner.process.argv import Argv, NotExecutable
from tui_runner.process.environment import Delta
from tui_runner.process.guardian_client import SpawnOrder


class Recipes:
    """Knows what all tasks of a run have in common."""

    def __init__(self, *, root: str, base: Mapping[str, str], color: bool, interactive: bool = False) -> None:
        self._root = root
        self._base = base
        self._color = color
        self._interactive = interactive

    def delta(self, task: PlannedTask) -> Delta:
        """Return the task's changes to the process environment."""
        return environment.changes(
            self._base,
            task.env,
            cwd=task.cwd,
            root=self._root,
            color=self._color,
            tty=task.command is not None and task.command.tty,
            interactive=self._interactive,
        )

    def resolve(self, run: Run, cwd: str, delta: Delta) -> Argv | NotExecutable:
        """Return what to execute for a command in the task's directory, with its PATH."""
        return argv.resolve(run, cwd=cwd, path=environment.path_of(self._base, delta))

    def order(
        self, task: PlannedTask, command: Command, attempt: int, after: tuple[TaskId, ...], log: str | None
    ) -> SpawnOrder | NotExecutable:
        """Return the order for an attempt, without a terminal; or why it cannot be spawned."""
        delta = self.delta(task)
        found = self.resolve(command.run, task.cwd, delta)
        if isinstance(found, NotExecutable):
            return found
        return SpawnOrder(
            id=task.id,
            attempt=attempt,
            argv=found.command,
            cwd=task.cwd,
            env=delta,
            after=after,
            stop=self.beside(command.stop, task.cwd, delta),
            stop_signal=command.stop_signal,
            stop_timeout=command.stop_timeout_s,
            teardown=self.beside(command.teardown, task.cwd, delta),
            teardown_timeout=command.teardown_timeout_s,
            log=log,
        )

    def beside(self, run: Run | None, cwd: str, delta: Delta) -> list[str] | None:
        """Return a stop or teardown command; one that is not found may be there when its time comes."""
        if run is None:
            return None
        found = self.resolve(run, cwd, delta)
        return found.command if isinstance(found, Argv) else [run[0], *run]
