"""Does what the scheduler wants: every effect becomes a call of the part that can do it. It decides nothing."""

import asyncio
from collections.abc import Callable
from typing import assert_never

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.state import Completed, Failed, satisfies
from tui_runner.planning.plan import Plan
from tui_runner.process.redaction import Redaction
from tui_runner.scheduling.effect import (
    AbandonTeardown,
    CancelTimer,
    CloseActivation,
    Effect,
    Kill,
    PhaseChanged,
    PlanTaken,
    RestartNoted,
    RunTeardown,
    SendSignal,
    SetTimer,
    Spawn,
    StartProbe,
    StateChanged,
    Stop,
    StopProbe,
    Sweep,
    TeardownChanged,
)
from tui_runner.scheduling.event import Event
from tui_runner.supervisor.audience import Audience
from tui_runner.supervisor.file_watching import FileWatching
from tui_runner.supervisor.ledger import Ledger
from tui_runner.supervisor.probing import Probing
from tui_runner.supervisor.replacing import Replacing
from tui_runner.supervisor.secrecy import shown
from tui_runner.supervisor.spawning import Spawning
from tui_runner.supervisor.timers import Timers


class Performing:
    """The parts of one run, as the scheduler knows them. Begun when there is an event loop; must be closed."""

    def __init__(
        self,
        plan: Plan,
        *,
        executor: LocalExecutor,
        spawning: Spawning,
        probing: Probing,
        ledger: Ledger,
        watching: FileWatching,
        audience: Audience,
        redaction: Redaction,
        replacing: Replacing,
        flush: Callable[[], None],
        phase_changed: Callable[[PhaseChanged], None],
    ) -> None:
        """`flush` tells at once what has changed; `phase_changed` takes where the run as a whole stands."""
        self._plan = plan
        self._executor = executor
        self._spawning = spawning
        self._probing = probing
        self._ledger = ledger
        self._watching = watching
        self._audience = audience
        self._redaction = redaction
        self._replacing = replacing
        self._flush = flush
        self._phase_changed = phase_changed
        self._timers: Timers | None = None

    def take(self, plan: Plan) -> None:
        """Have this plan from now on."""
        self._plan = plan

    def begin(self, loop: asyncio.AbstractEventLoop, feed: Callable[[Event], None]) -> None:
        """Be ready for effects; `feed` takes what timers say."""
        self._timers = Timers(loop, feed)

    def close(self) -> None:
        """Forget all timers."""
        if self._timers is not None:
            self._timers.close()

    def perform(self, effect: Effect) -> None:
        """Do one thing."""
        match effect:
            case StateChanged():
                self._entered(effect)
            case Spawn():
                self._spawning.spawn(effect)
            case Sweep():
                self._executor.sweep(effect.task)
            case Stop():
                self._spawning.stop(effect.task)
            case Kill():
                self._spawning.kill(effect.task)
            case SendSignal():
                self._spawning.signal(effect)
            case RunTeardown():
                self._executor.run_teardown(effect.task)
            case AbandonTeardown():
                self._executor.abandon_teardown(effect.task)
            case CloseActivation():
                self._executor.close_activation(effect.task)
            case StartProbe():
                self._probing.start(self._plan.tasks[effect.task], effect.attempt)
            case StopProbe():
                self._probing.stop(effect.task)
            case SetTimer():
                self._all_timers().set(effect)
            case CancelTimer():
                self._all_timers().cancel(effect.task, effect.kind)
            case TeardownChanged():
                self._ledger.teardown(effect.task, effect.status, effect.error)
                self._audience.touch(effect.task)
                self._flush()
            case RestartNoted():
                self._ledger.restarted(effect.task, effect.reason)
                self._audience.touch(effect.task)
            case PlanTaken():
                self._replacing.take(effect.plan)
            case PhaseChanged():
                self._phase_changed(effect)
            case _:
                assert_never(effect)

    def _all_timers(self) -> Timers:
        if self._timers is None:
            raise RuntimeError("the supervisor is not running")
        return self._timers

    def _entered(self, effect: StateChanged) -> None:
        effect = shown(effect, self._redaction)
        before = self._ledger.entries[effect.task].state
        self._watching.entered(effect.task, effect.state)
        at = self._ledger.enter(effect.task, effect.state)
        if isinstance(effect.state, Failed):
            self._spawning.note_failure(effect.task, effect.state.failure)
        self._tell_origin(effect)
        self._probing.entered(effect.task, effect.state)
        self._audience.entered(effect.task, effect.state, at)
        self._audience.touch(effect.task)
        if satisfies(before) != satisfies(effect.state):
            self._audience.touch_waiting(effect.task)

    def _tell_origin(self, effect: StateChanged) -> None:
        """Note in the log of a task how it did in another mode."""
        planned = self._plan.tasks.get(effect.task)
        if planned is None or planned.once_of is None:
            return
        match effect.state:
            case Completed(stopped=False):
                self._spawning.note(planned.once_of, f"{effect.task} completed")
            case Completed():
                self._spawning.note(planned.once_of, f"{effect.task} was stopped")
            case Failed(failure=failure):
                words = failure.message.removeprefix(f"[{effect.task}] ")
                self._spawning.note(planned.once_of, f"{effect.task} failed: {words}")
            case _:
                pass
