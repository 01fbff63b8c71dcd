"""The executor for this machine: tasks run under a guardian process, their output is read here."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from tui_runner.errors.runner_error import GuardianError
from tui_runner.executors import failures
from tui_runner.executors.attempt import Activation, Attempt, Request, Wanted, close_all
from tui_runner.executors.guard import Guard, GuardSettings
from tui_runner.executors.logbook import Logbook
from tui_runner.executors.output_reader import OutputReader
from tui_runner.executors.outputs import Outputs
from tui_runner.executors.recipe import Recipes
from tui_runner.executors.side_runs import SideRuns
from tui_runner.executors.sink import ExecutorEvent, ExecutorSink
from tui_runner.executors.spawns import Spawns
from tui_runner.executors.terminals import Terminals
from tui_runner.model.output import Stream
from tui_runner.model.retention import LogLimits
from tui_runner.model.run import Run
from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize
from tui_runner.planning.plan import PlannedTask
from tui_runner.process import guardian_event as said
from tui_runner.process.argv import NotExecutable
from tui_runner.process.guardian_client import BYE_PATIENCE_S, GuardianClient, ProcessId, SpawnOrder
from tui_runner.process.guardian_process import GuardianProcess
from tui_runner.process.log_file import LogFile
from tui_runner.process.redaction import Redaction
from tui_runner.scheduling.event import ActivationClosed, Exited, GroupGone, Spawned, SpawnFailed, TeardownEnded

if TYPE_CHECKING:
    from tui_runner.process.family import Family


class LocalExecutor:
    """Runs tasks of one run on this machine. Must be used on one event loop, and ended by `bye`."""

    def __init__(
        self,
        sink: ExecutorSink,
        *,
        root: str,
        guardian: GuardianProcess | None = None,
        environment: Mapping[str, str],
        log_directory: Path | None,
        log_limits: LogLimits | None = None,
        color: bool = False,
        interactive: bool = False,
        held: Sequence[int] = (),
        redaction: Redaction | None = None,
        journal: int | None = None,
        own_process: bool = False,
    ) -> None:
        """Prepare; nothing is started yet.

        `root` is the plan's root. `environment` is the process environment tasks start from. `log_directory` must exist
        or be creatable; None keeps only a tail of the output in memory. `log_limits` says how large logs may become (None:
        the defaults), `color` whether whoever looks at the output shows colour, `interactive` whether somebody can type
        into terminals of tasks. `redaction` takes secrets out of everything that is printed; None: there are none. For
        the rest see `GuardSettings`.
        """
        self._sink = sink
        self._recipes = Recipes(root=root, base=environment, color=color, interactive=interactive)
        self._redaction = Redaction(()) if redaction is None else redaction
        self._logs = Logbook(
            log_directory, sink.output, self._redaction, limits=log_limits, troubled=sink.logs_troubled
        )
        self._terminals = Terminals(interactive=interactive)
        self._outputs = Outputs(self._logs, self._terminals, self._redaction, lambda: self._spawns.room_again())  # noqa: PLW0108 - made below
        self._activations: dict[TaskId, Activation] = {}
        self._spawns = Spawns(self._recipes, self._logs, self._outputs, sink=sink, note=self.note, hand=self._hand)
        self._side_runs = SideRuns()
        self._guard = Guard(
            GuardSettings(
                ahead=guardian, held=tuple(held), journal=journal, own_process=own_process, log_limits=log_limits
            ),
            environment,
            self._redaction,
            on_event=self._heard,
            on_lost=self._guardian_lost,
        )
        self.marker = self._guard.marker
        """Names this run in the environment of every child; unique."""

    def start(self) -> None:
        """Start the guardian and return at once; requests may follow immediately. Needs a running event loop.

        Raises:
            GuardianError: the process could not be started.
        """
        self._guard.start()

    @property
    def _guardian(self) -> GuardianClient:
        return self._guard.client

    async def ready(self) -> int:
        """Wait until the guardian answers; return its pid.

        Raises:
            GuardianError: it died before.
        """
        return await self._guardian.ready()

    async def bye(self, patience_s: float = BYE_PATIENCE_S) -> None:
        """Sweep everything that is left, end the guardian and close all descriptors. Idempotent.

        A guardian that does not end within `patience_s` is killed, and what it guarded is ended without it.

        Teardowns that have not run are given up. Returns when the guardian process is gone.
        """
        self._spawns.forget()
        await self._guard.bye(self._groups, patience_s)
        for activation in tuple(self._activations.values()):
            self._close_descriptors(activation)
        self._activations.clear()
        self._side_runs.fail("the guardian is gone")
        self._logs.close()

    def spawn(self, task: PlannedTask, attempt: int, after: tuple[TaskId, ...]) -> None:
        """Spawn an attempt; answered by `Spawned` or `SpawnFailed`. `task.command` must not be None.

        `after` are the tasks that must outlive this one when the guardian has to take over.
        Waits by itself while descriptors are short.
        """
        if task.command is None:
            raise ValueError(f"task {task.id} has no command to spawn")
        wanted = Wanted(task=task, command=task.command, attempt=attempt, after=after)
        self._spawns.ask(wanted)

    def _hand(self, wanted: Wanted, attempt: Attempt, order: SpawnOrder, log: LogFile, fds: tuple[int, ...]) -> None:
        activation = self._activations.get(order.id)
        if activation is None:
            self._activations[order.id] = Activation(task=wanted.task, order=order, log=log, attempt=attempt)
        else:
            activation.begin(wanted.task, order, attempt)
        self._guardian.spawn(order, fds)

    def secrets_learnt(self) -> None:
        """Let the guardian know of secrets that the redaction has learnt since the start."""
        self._guard.tell_secrets()

    def sweep(self, task: TaskId) -> None:
        """Have what the running attempt put into other sessions end with its group, before `GroupGone`.

        Else that lives until the activation is closed.
        """
        self._ask(task, Request.SWEEP)

    def stop(self, task: TaskId) -> None:
        """Begin the stop ladder of the running attempt; answered by `Exited` and `GroupGone`."""
        if self._spawns.withdraw(task):
            return
        self._ask(task, Request.STOP)

    def kill(self, task: TaskId) -> None:
        """SIGKILL the group of the running attempt now."""
        if not self._spawns.withdraw(task):
            self._ask(task, Request.KILL)

    def _ask(self, task: TaskId, request: Request) -> None:
        """Ask the guardian for something, and remember it, should another one have to do it."""
        activation = self._activations.get(task)
        if activation is not None:
            activation.asked.append(request)
        self._pass_on(task, activation, request)

    def _pass_on(self, task: TaskId, activation: Activation | None, request: Request) -> None:
        match request:
            case Request.SWEEP:
                self._guardian.sweep(task)
            case Request.STOP if activation is not None and activation.listens_to_stop_command():
                self._guardian.stop(task, self._outputs.open_beside(activation))
            case Request.STOP:
                self._guardian.stop(task)
            case Request.KILL:
                self._guardian.kill(task)
            case Request.CLOSE:
                self._guardian.close(task)
            case _:
                assert_never(request)

    def signal(self, task: TaskId, number: int) -> None:
        """Send a signal to the group of the running attempt."""
        self._guardian.signal(task, number)

    def run_teardown(self, task: TaskId) -> None:
        """Run the teardown of the task's activation; answered by `TeardownEnded`."""
        activation = self._activations.get(task)
        command = None if activation is None else activation.task.command
        if activation is None or command is None or command.teardown is None:
            event = TeardownEnded(task=task, error="it has no teardown that is due")
            asyncio.get_running_loop().call_soon(self._sink.happened, event)
            return
        activation.teardown_asked = True
        argv = self._recipes.beside(command.teardown, activation.task.cwd, activation.order.env)
        self._guardian.teardown(task, argv, self._outputs.open_beside(activation))

    def abandon_teardown(self, task: TaskId) -> None:
        """Kill the running teardown; `TeardownEnded` follows."""
        self._guardian.abandon(task)

    def close_activation(self, task: TaskId) -> None:
        """Sweep what the task left in other sessions and forget it; answered by `ActivationClosed`."""
        self._ask(task, Request.CLOSE)

    async def run_command(self, task: PlannedTask, run: Run, timeout_s: float) -> int:
        """Run a command (an exec probe) with the task's cwd, environment and PATH; return its exit code.

        Negative means ended by that signal; 127 and 126 mean not found and not executable. After `timeout_s` seconds,
        and when cancelled, it is killed. Its output is discarded.

        Raises:
            TimeoutError: it ran too long.
            GuardianError: the guardian is gone.
        """
        delta = self._recipes.delta(task)
        found = self._recipes.resolve(run, task.cwd, delta)
        if isinstance(found, NotExecutable):
            return found.exit_code
        if self._guard.given_up:
            raise GuardianError("the guardian is gone")
        guardian = self._guardian
        return await self._side_runs.run(
            guardian, lambda name: guardian.run(name, task.id, found.command, task.cwd, delta), timeout_s
        )

    def log(self, task: TaskId) -> LogFile:
        """Return the log of the task, made on first use; its file appears with the first output."""
        return self._logs.log(task)

    @property
    def logs_problem(self) -> str | None:
        """Which logs could not be written, for people; None while all is well."""
        return self._logs.problem

    def note(self, task: TaskId, text: str) -> None:
        """Append a line of ours to the task's log and hand it to the sink at once as `Stream.NOTE`."""
        activation = self._activations.get(task)
        number = 0 if activation is None else activation.attempt.number
        self._logs.note(task, text, number)

    def replay(self, task: TaskId, data: bytes) -> None:
        """Append what the task printed in another run, when its result was made."""
        self._logs.append(task, data, Stream.STDOUT, 0)

    def pids(self) -> Mapping[TaskId, int]:
        """Return the leader of every running task, for sampling."""
        return {task: activation.pid for task, activation in self._activations.items() if activation.pid is not None}

    def family(self) -> "Family":
        """Return what looks at the processes of this run. Raises GuardianError before `start`."""
        from tui_runner.process.family import Family  # noqa: PLC0415 - for those who want to know what tasks use

        return Family(self._guardian.pid, self.marker)

    def resize(self, task: TaskId, window: WindowSize) -> None:
        """Give the task's terminal another size, now and in later attempts."""
        self._terminals.resize(task, self._master(task), window)

    def write(self, task: TaskId, data: bytes) -> None:
        """Type into the task's terminal; nothing happens without a terminal."""
        if (master := self._master(task)) is not None:
            self._terminals.write(master, data)

    def _master(self, task: TaskId) -> OutputReader | None:
        activation = self._activations.get(task)
        return None if activation is None else activation.attempt.master

    def _heard(self, event: said.TaskEvent) -> None:
        """Take an event of the guardian."""
        if isinstance(event, said.RunExited):
            self._side_runs.exited(event.id, event.code)
            return
        activation = self._activations.get(event.id)
        if activation is None:
            if isinstance(event, said.Closed):
                self._sink.happened(ActivationClosed(task=event.id))
            return
        told = self._translate(event, activation)
        if told is not None:
            self._sink.happened(told)

    def _translate(self, event: said.TaskEvent, activation: Activation) -> ExecutorEvent | None:
        """Bring our own books up to date; return what the sink is told."""
        task = activation.task.id
        match event:
            case said.Started():
                self._outputs.answered(activation.attempt)
                activation.spawned += 1
                activation.leader = activation.group = ProcessId(pid=event.pid, start=event.start)
                for reader in activation.attempt.readers:
                    reader.listen()
                return Spawned(task=task, attempt=event.attempt, pid=event.pid)
            case said.SpawnRefused():
                return self._spawn_refused(event, activation)
            case said.LeaderExited():
                return self._exited(event, activation)
            case said.GroupEnded():
                activation.group = None
                self._drain(activation)
                return GroupGone(task=task, attempt=event.attempt)
            case said.StopEscalated():
                self._sink.escalated(task)
                return None
            case said.TeardownAnnounced():
                activation.teardown_begun = True
                return None
            case said.TeardownBegun():
                activation.teardown_leader = ProcessId(pid=event.pid, start=event.start)
                return None
            case said.TeardownFinished():
                activation.teardown_leader = None
                activation.torn_down = True
                self._drain(activation)
                return TeardownEnded(task=task, error=failures.teardown_error(event))
            case said.Closed():
                del self._activations[task]
                self._close_descriptors(activation)
                return ActivationClosed(task=task)
            case said.RunExited():
                return None
            case _:
                assert_never(event)

    def _spawn_refused(self, event: said.SpawnRefused, activation: Activation) -> SpawnFailed:
        attempt = activation.attempt
        self._outputs.answered(attempt)
        for reader in tuple(attempt.readers):
            reader.close()
        if not activation.spawned:
            del self._activations[event.id]
        failure = failures.spawn_refused(event.id, activation.task.cwd, attempt.program, event)
        return SpawnFailed(task=event.id, attempt=event.attempt, failure=failure)

    def _exited(self, event: said.LeaderExited, activation: Activation) -> Exited | GroupGone | None:
        told = activation.leader is None  # by the guardian before; another one has only looked after the group
        activation.leader = None
        if event.gone:
            activation.group = None
        self._drain(activation)
        if told:
            return GroupGone(task=event.id, attempt=event.attempt) if event.gone else None
        name = failures.signal_name(-event.code) if event.code is not None and event.code < 0 else None
        return Exited(
            task=event.id,
            attempt=event.attempt,
            exit_code=None if name is not None else event.code,
            signal=name,
            group_gone=event.gone,
            escaped=event.escaped,
        )

    @staticmethod
    def _drain(activation: Activation) -> None:
        """Take everything that was printed until now, before the news that follows it."""
        close_all(activation.beside_handed)
        for reader in activation.readers():
            reader.drain()

    def _close_descriptors(self, activation: Activation) -> None:
        self._drain(activation)
        self._outputs.answered(activation.attempt)
        for reader in activation.readers():
            reader.close()
        activation.log.release()

    def _guardian_lost(self, message: str) -> None:
        self._side_runs.fail(message)
        successor = self._guard.succeed()
        if successor is None:
            self._guard.rescue(self._groups(), lambda: self._sink.guardian_lost(f"{message}; {self._guard.last_words}"))
            return
        from tui_runner.executors.succession import hand_over  # noqa: PLC0415 - few guardians are killed

        news: list[said.TaskEvent] = []
        for activation in tuple(self._activations.values()):
            news += hand_over(activation, successor, self.marker)
            for request in activation.asked:
                self._pass_on(activation.task.id, activation, request)
            if activation.teardown_asked and not activation.teardown_begun:
                self.run_teardown(activation.task.id)
        for event in news:
            self._heard(event)
        self._sink.guardian_replaced(f"{message}; another one took its place")

    def _groups(self) -> list[ProcessId]:
        """Return the leaders of the process groups of everything that runs."""
        leaders = [leader for a in self._activations.values() for leader in (a.group, a.teardown_leader)]
        return [leader for leader in leaders if leader is not None]
