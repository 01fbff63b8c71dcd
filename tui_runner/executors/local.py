"""The executor for this machine: tasks run under a guardian process, their output is read here."""

from collections.abc import Mapping
from pathlib import Path

from tui_runner.executors.sink import ExecutorSink
from tui_runner.model.command import Run
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask
from tui_runner.process.log_file import LogFile
from tui_runner.process.pty import WindowSize


class LocalExecutor:
    """Runs tasks of one run on this machine. Must be used on one event loop, and ended by `bye`."""

    def __init__(
        self,
        sink: ExecutorSink,
        *,
        root: str,
        marker: str,
        environment: Mapping[str, str],
        log_directory: Path | None,
        color: bool = False,
        window: WindowSize | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        `root` is the plan's root. `marker` names this run in the environment of every child and must be unique, such
        as the run id with a random part. `environment` is the process environment tasks start from.
        `log_directory` must exist or be creatable; None keeps only a tail of the output in memory.
        `color` says whether whoever looks at the output shows colour.
        """
        raise NotImplementedError

    def start(self) -> None:
        """Start the guardian and return at once; requests may follow immediately. Needs a running event loop.

        Raises:
            GuardianError: the process could not be started.
        """
        raise NotImplementedError

    async def ready(self) -> int:
        """Wait until the guardian answers; return its pid.

        Raises:
            GuardianError: it died before.
        """
        raise NotImplementedError

    async def bye(self) -> None:
        """Sweep everything that is left, end the guardian and close all descriptors. Idempotent.

        Teardowns that have not run are given up. Returns when the guardian process is gone.
        """
        raise NotImplementedError

    def spawn(self, task: PlannedTask, attempt: int, after: tuple[TaskId, ...]) -> None:
        """Spawn an attempt; answered by `Spawned` or `SpawnFailed`. `task.command` must not be None.

        `after` are the tasks that must outlive this one when the guardian has to take over.
        Waits by itself while descriptors are short.
        """
        raise NotImplementedError

    def stop(self, task: TaskId) -> None:
        """Begin the stop ladder of the running attempt; answered by `Exited` and `GroupGone`."""
        raise NotImplementedError

    def kill(self, task: TaskId) -> None:
        """SIGKILL the group of the running attempt now."""
        raise NotImplementedError

    def signal(self, task: TaskId, number: int) -> None:
        """Send a signal to the group of the running attempt."""
        raise NotImplementedError

    def run_teardown(self, task: TaskId) -> None:
        """Run the teardown of the task's activation; answered by `TeardownEnded`."""
        raise NotImplementedError

    def abandon_teardown(self, task: TaskId) -> None:
        """Kill the running teardown; `TeardownEnded` follows."""
        raise NotImplementedError

    def close_activation(self, task: TaskId) -> None:
        """Sweep what the task left in other sessions and forget it; answered by `ActivationClosed`."""
        raise NotImplementedError

    async def run_command(self, task: PlannedTask, run: Run, timeout_s: float) -> int:
        """Run a command (an exec probe) with the task's cwd, environment and PATH; return its exit code.

        Negative means ended by that signal; 127 and 126 mean not found and not executable. After `timeout_s` seconds,
        and when cancelled, it is killed. Its output is discarded.

        Raises:
            TimeoutError: it ran too long.
            GuardianError: the guardian is gone.
        """
        raise NotImplementedError

    def log(self, task: TaskId) -> LogFile:
        """Return the log of the task, made on first use; its file appears with the first output."""
        raise NotImplementedError

    def note(self, task: TaskId, text: str) -> None:
        """Append a line of ours to the task's log and hand it to the sink as `Stream.NOTE`."""
        raise NotImplementedError

    def pids(self) -> Mapping[TaskId, int]:
        """Return the leader of every running task, for sampling."""
        raise NotImplementedError

    def resize(self, task: TaskId, window: WindowSize) -> None:
        """Give the task's terminal another size; nothing happens without a terminal."""
        raise NotImplementedError

    def write(self, task: TaskId, data: bytes) -> None:
        """Type into the task's terminal, as far as it takes it now; nothing happens without a terminal."""
        raise NotImplementedError
