"""The supervisor: the asyncio shell around the scheduler. Performs effects in order and feeds events back.

It decides nothing about tasks. It owns everything that runs in a run: executor, probes, timers, watcher. Works on any
event loop and leaves the host program's signals, children and globals alone.
"""

import asyncio
import signal
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from tui_runner.executors.capacity import default_concurrency, open_file_limit
from tui_runner.executors.local import LocalExecutor
from tui_runner.executors.sink import ExecutorEvent
from tui_runner.model.details import TaskDetails
from tui_runner.model.output import OutputChunk
from tui_runner.model.result import RunResult
from tui_runner.model.task import TaskId
from tui_runner.model.view import FileWatch, RunPhase, RunView, TaskView
from tui_runner.model.window_size import WindowSize
from tui_runner.planning.plan import Plan
from tui_runner.records.recorder import RunRecorder
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import PhaseChanged
from tui_runner.scheduling.event import (
    Begin,
    Event,
    Exited,
    RestartWanted,
    StartWanted,
    StopCause,
    StopRun,
    StopWanted,
)
from tui_runner.scheduling.scheduler import Scheduler
from tui_runner.supervisor.audience import Audience
from tui_runner.supervisor.file_watching import FileWatching
from tui_runner.supervisor.ledger import Clocks, Ledger
from tui_runner.supervisor.listener import Listener
from tui_runner.supervisor.log_place import log_place
from tui_runner.supervisor.memory_limits import MemoryLimits
from tui_runner.supervisor.options import SupervisorOptions
from tui_runner.supervisor.outcome import is_internal_error, run_result
from tui_runner.supervisor.performing import Performing
from tui_runner.supervisor.probing import Probing
from tui_runner.supervisor.recording import Recording
from tui_runner.supervisor.replacing import Replacing
from tui_runner.supervisor.run_progress import begun, moved_on
from tui_runner.supervisor.secrecy import redaction_of
from tui_runner.supervisor.spawning import Spawning
from tui_runner.supervisor.steadfast import Steadfast
from tui_runner.supervisor.usage_sampling import UsageSampling
from tui_runner.supervisor.waiters import TaskVerb, Waiters

if TYPE_CHECKING:
    from tui_runner.supervisor.definitions import Definitions


class Supervisor:
    """One run of one plan. Make it, add listeners, await `run()` once."""

    def __init__(
        self,
        plan: Plan,
        options: SupervisorOptions,
        *,
        recorder: RunRecorder | None = None,
        warning: str | None = None,
    ) -> None:
        if plan.max_concurrency is None:
            plan = msgspec.structs.replace(plan, max_concurrency=default_concurrency(open_file_limit()))
        self.options = options
        self.scheduler = Scheduler(plan, until=options.until, seed=time.time_ns())
        self._redaction = redaction_of(plan)
        self.executor = LocalExecutor(
            self,
            root=plan.root,
            guardian=options.guardian,
            environment=options.environment,
            log_directory=options.log_directory,
            log_limits=plan.retention.log_limits(len(plan.tasks)),
            color=options.color,
            interactive=options.interactive,
            held=options.held,
            journal=options.journal,
            own_process=options.own_process,
            redaction=self._redaction,
        )
        self.ledger = Ledger(
            plan,
            Clocks(wall=time.time, monotonic=time.monotonic),
            lambda task: self.executor.log(task).path,
            interactive=options.interactive,
            redaction=self._redaction,
        )
        self.internal_error: str | None = None
        """What of ours, or which callback, broke; the first one counts."""
        self.warning = warning
        """What a person should know beside the result, such as that no records are kept; None when all is well."""
        self._recording = Recording(recorder)
        self._spawning = Spawning(plan, options.environment, self.ledger, self.executor, self, force=options.force)
        self._watching = FileWatching(plan, self.feed, self._spawning.note, wanted=options.watch_files)
        self._audience = Audience(plan, self.scheduler, self.ledger, self.view, recorder, self._end_in_order)
        limits = MemoryLimits(plan, self._spawning.note, self._recording.memory_exceeded, self.feed)
        self.usage = UsageSampling(self.executor, self._audience, limits)
        """What tasks use of the machine."""
        self._probing = Probing(plan, self.executor, self.ledger, self._audience, self.feed, self._spawning.note)
        self.replacing = Replacing(self.scheduler, self._redaction, self.feed)
        """Goes over to other plans."""
        self._performing = Performing(
            plan,
            executor=self.executor,
            spawning=self._spawning,
            probing=self._probing,
            ledger=self.ledger,
            watching=self._watching,
            audience=self._audience,
            redaction=self._redaction,
            replacing=self.replacing,
            flush=self._flush,
            phase_changed=self._phase_changed,
        )
        self.replacing.add_takers(self.ledger, self._performing, self._spawning, self._watching)
        self.replacing.add_takers(self._probing, self.usage, self._audience)
        self.replacing.add_listener(self._plan_taken)
        self._events: deque[Event] = deque()
        self._waiters = Waiters(self.scheduler, self.ledger)
        self._ended: asyncio.Future[None] | None = None
        self._gone = asyncio.Event()
        self._final: tuple[str | None, RunResult] | None = None
        """How it went, and what had broken by then: a callback may break later."""
        self._run_view = begun(plan, options, self.ledger.started_at, self._watching.state)

    # -- running ----------------------------------------------------------------------------------------------

    async def run(self) -> RunResult:
        """Run to the end and return how it went, after every process and the guardian are gone.

        Must be awaited once. To end it ask with `stop_run`; a cancellation stops it in order too, and propagates then.
        """
        steadfast = Steadfast(lambda: self.stop_run(StopCause.OWNER_GONE, "Aborted"))
        try:
            if self.scheduler.course.phase is not RunPhase.ENDED:  # asked to stop before it began: nothing starts
                await self._run_to_the_end(asyncio.get_running_loop(), steadfast)
        finally:
            await self._close(steadfast)
        steadfast.propagate()
        return self.result()

    async def _run_to_the_end(self, loop: asyncio.AbstractEventLoop, steadfast: Steadfast) -> None:
        ended = self._ended = loop.create_future()
        self._performing.begin(loop, self.feed)
        self.executor.start()
        self.feed(Begin())
        self.usage.start()
        self._watching.start()
        await steadfast.see_through(lambda: asyncio.wait((ended,)))
        ended.result()

    async def _close(self, steadfast: Steadfast) -> None:
        self._performing.close()
        for step in (
            self.usage.close,
            self._spawning.close,
            self._watching.stop,
            self._probing.close,
            self.executor.bye,
        ):
            await steadfast.see_through(step)
        final = self.result()
        self._final = (self.internal_error, final)
        untold = None if is_internal_error(final) else self.internal_error  # a signal, say, comes before it
        problems = (untold, self._recording.close(final), self.executor.logs_problem)
        self.warning = "; ".join(filter(None, problems)) or self.warning
        self._gone.set()

    def result(self) -> RunResult:
        """Return how the run went, or stands."""
        if self._final is not None and self._final[0] == self.internal_error:
            return self._final[1]
        return run_result(
            self.ledger,
            self.scheduler.course,
            log_of=lambda task: log_place(self.executor.log(task)),
            run_id=None if self._recording.recorder is None else self.options.run_id,
            internal_error=self.internal_error,
        )

    @property
    def plan(self) -> Plan:
        """The plan that holds."""
        return self.ledger.plan

    # -- asking -----------------------------------------------------------------------------------------------

    def start_task(self, task: TaskId) -> None:
        """Ask for the task and what it needs. Raises KeyError for an unknown id."""
        self.feed(StartWanted(task=self.plan.tasks[task].id))

    def stop_task(self, task: TaskId) -> None:
        """Ask to stop the task; what depends on it goes first. Raises KeyError for an unknown id."""
        self.feed(StopWanted(task=self.plan.tasks[task].id))

    def restart_task(self, task: TaskId, *, with_dependents: bool = False) -> None:
        """Ask for a new generation of the task, and of those that need it. Raises KeyError for an unknown id."""
        self.feed(RestartWanted(task=self.plan.tasks[task].id, with_dependents=with_dependents))

    def signal_task(self, task: TaskId, number: signal.Signals) -> None:
        """Send a signal to the process group of the task. Raises KeyError for an unknown id."""
        self.executor.signal(self.plan.tasks[task].id, number)
        self._spawning.note(task, f"{number.name} sent by hand")

    def resize_terminal(self, task: TaskId, size: WindowSize) -> None:
        """Give the terminal of the task another size, if it has one to type into. Raises KeyError for an unknown id."""
        if self.ledger.resized(task, size):
            self.executor.resize(task, size)
            self._audience.touch(task)
            self._audience.flush()

    def type_into(self, task: TaskId, data: bytes) -> None:
        """Type into the terminal of the task, if it runs and has one. Raises KeyError for an unknown id."""
        self.executor.write(self.plan.tasks[task].id, data)

    def turn_file_watch(self, wanted: FileWatch) -> FileWatch:
        """Let changes of watched files wait, or act on what has changed and on all to come; return what is so now."""
        if self._watching.turn(wanted):
            self._run_view = msgspec.structs.replace(self._run_view, file_watch=wanted)
            self._audience.run_changed(self._run_view)
        return self._watching.state

    def stop_run(self, cause: StopCause, detail: str = "") -> None:
        """Ask to stop everything: in order, then by SIGKILL, then without teardowns."""
        self.feed(StopRun(cause=cause, detail=detail))

    def break_down(self, message: str) -> None:
        """Note that a callback or a part of ours broke; the run goes on to its ordered end."""
        self.internal_error = self.internal_error or self._redaction.text(message)

    async def wait_settled(self, task: TaskId, verb: TaskVerb, *along: TaskId) -> TaskView:
        """Return the task when what was asked, of all that goes `along` too, came to something, or when the run ended.

        Call it right after the request: a restart counts from now.
        """
        before = self.view(task)
        await self._waiters.wait((task, *along), verb)
        if task in self.plan.tasks:
            return self.view(task)
        _, gone = self.ledger.gone.get(task, (None, None))  # another plan has it not any more
        return before if gone is None else msgspec.structs.replace(before, state=gone.state, leaving=True)

    async def wait_ended(self) -> None:
        """Return when the run is over and every process is gone."""
        await self._gone.wait()

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def run_view(self) -> RunView:
        """The run as a whole, now."""
        return self._run_view

    def views(self) -> tuple[TaskView, ...]:
        """Return all tasks, in scheduling order."""
        return tuple(self.view(task) for task in self.plan.tasks)

    def view(self, task: TaskId) -> TaskView:
        """Return one task. Raises KeyError when there is none of this id."""
        leaving = not self.scheduler.course.running or self.scheduler.is_leaving(task)
        return self.ledger.view(task, waiting_for=self.scheduler.waits_for(task), leaving=leaving)

    async def details(self, task: TaskId) -> TaskDetails:
        """Return what is told of a task on request. Raises KeyError when there is none of this id."""
        from tui_runner.supervisor.inspection import details_of  # noqa: PLC0415 - for those who ask

        attempts = self.ledger.entries[task].attempts.latest()
        return await details_of(self.plan.tasks[task], self._redaction, attempts, self.executor.pids().get(task))

    def add_listener(self, listener: Listener) -> None:
        """Tell the listener of everything from now on."""
        self._audience.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Tell the listener nothing more; unknown ones are ignored."""
        self._audience.remove(listener)

    def log_end(self, task: TaskId) -> int:
        """Return the size of the task's log in bytes."""
        return self.executor.log(task).end

    def read_log(self, task: TaskId, offset: int, size: int) -> bytes:
        """Return up to `size` bytes of the task's log from the offset on."""
        return self.executor.log(task).read(offset, size)

    # -- what the executor says -------------------------------------------------------------------------------

    def happened(self, event: ExecutorEvent) -> None:
        """Take an event of a task."""
        if isinstance(event, Exited):
            event = msgspec.structs.replace(event, at_s=time.monotonic())
            if self.options.until is not Until.TARGETS:
                how = f"was ended by {event.signal}" if event.signal else f"exited with code {event.exit_code}"
                self._spawning.note(event.task, how)
        if not self._spawning.takes(event):
            self.feed(event)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Pass on what a task printed, after its probe has seen it."""
        self._audience.output(task, chunk)
        self._probing.printed(task, chunk.stream, chunk.data)

    def escalated(self, task: TaskId) -> None:
        """Tell that a task had to be killed."""
        command = self.plan.tasks[task].command
        patience = f" within {command.stop_timeout_s:g} s" if command is not None else ""
        self._spawning.note(task, f"did not stop{patience}: SIGKILL")
        self.touch(task)

    def logs_troubled(self, message: str) -> None:
        """Tell everybody that logs cannot be written, or with nothing that they can again."""
        self._run_view = msgspec.structs.replace(self._run_view, trouble=message)
        self._audience.run_changed(self._run_view)

    def guardian_replaced(self, message: str) -> None:
        """Stop everything in order, under the guardian that has taken the place of one that was killed."""
        self._end_in_order(f"{message} and stopped everything in order")

    def _end_in_order(self, message: str) -> None:
        """Note what broke, and stop everything, unless that is being done already."""
        self.break_down(message)
        if self.scheduler.course.running:
            self.feed(StopRun(cause=StopCause.INTERNAL, detail=message))

    def guardian_lost(self, message: str) -> None:
        """Give up: without its guardian no task can be stopped in order any more."""
        self.internal_error = message
        self.feed(StopRun(cause=StopCause.INTERNAL, detail=message))
        while self.scheduler.course.phase is not RunPhase.ENDED:
            self.feed(StopRun(cause=StopCause.PERSON, detail=message))

    # -- the loop: events in, effects out ---------------------------------------------------------------------

    def feed(self, event: Event) -> None:
        """Take an event: decide, and do what follows. For the parts of the supervisor."""
        self._events.append(event)
        if len(self._events) > 1:
            return  # whoever is working them off will come to it
        try:
            while self._events:
                for effect in self.scheduler.feed(self._events[0]):
                    self._performing.perform(effect)
                self._events.popleft()
            self._flush()
        except Exception as error:
            self._events.clear()
            if self._ended is None or self._ended.done():
                raise
            self._ended.set_exception(error)

    def broke(self, error: BaseException) -> None:
        """End the run at once: a part of it failed. For the parts of the supervisor."""
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(error)

    def _phase_changed(self, effect: PhaseChanged) -> None:
        self._run_view = moved_on(self._run_view, effect)
        self._audience.run_changed(self._run_view)
        self.replacing.phase_changed(effect.phase)
        if effect.phase is RunPhase.ENDED and self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def define(self, definitions: "Definitions | None") -> None:
        """Let the run go over to other plans that are made of these definitions; None: it stays as it is."""
        self.replacing.definitions = definitions
        if definitions is not None:
            self._run_view = msgspec.structs.replace(
                self._run_view, definitions=str(definitions.file), definitions_mtime_ns=definitions.mtime_ns
            )

    def _plan_taken(self, plan: Plan) -> None:
        self.executor.secrets_learnt()
        self.define(self.replacing.definitions)
        self._run_view = msgspec.structs.replace(self._run_view, name=plan.name, file_watch=self._watching.state)
        self._audience.run_changed(self._run_view)

    # -- telling ----------------------------------------------------------------------------------------------

    def touch(self, task: TaskId) -> None:
        """Note that something shown of a task has changed. For the parts of the supervisor."""
        self._audience.touch(task)

    def _flush(self) -> None:
        self._audience.flush()
        self._waiters.check()
        self._recording.flush_soon()
