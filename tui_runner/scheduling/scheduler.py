"""The scheduler: `feed(event)` returns the effects to perform. Sans-I/O: no clock, no files, no event loop.

The rooms around it do the work: `starting` (turns, slots, nested pipelines), `lifecycle` (attempts), `leaving` (stop,
teardown). This file dispatches events, applies the failure policy and ends the run.

Invariants, proven by the property tests: a task never starts before its dependencies are satisfied; it is never stopped
for good or torn down while something that depends on it is there; every teardown that became due runs once per
activation; whatever the order of events, the run ends.
"""

from typing import assert_never

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.policy import OnFailure
from tui_runner.model.state import Failed, Failure, Pending, Ready, Running, TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course, Intake, Until
from tui_runner.scheduling.effect import Effect, PhaseChanged
from tui_runner.scheduling.event import (
    ActivationClosed,
    Begin,
    CacheHit,
    Event,
    Exited,
    FilesChanged,
    GroupGone,
    PlanChanged,
    ProbeFailed,
    ProbePassed,
    RestartWanted,
    Spawned,
    SpawnFailed,
    StartWanted,
    StopCause,
    StopRun,
    StopWanted,
    TeardownEnded,
    TimerFired,
    TimerKind,
    Unhealthy,
)
from tui_runner.scheduling.leaving import Leaver
from tui_runner.scheduling.lifecycle import Lifecycle
from tui_runner.scheduling.node import Activation, Goal, Kind, Node
from tui_runner.scheduling.over import is_over
from tui_runner.scheduling.replanning import Replanning, Wish
from tui_runner.scheduling.requests import Requests
from tui_runner.scheduling.starting import Starter

_ESCALATING = {StopCause.PERSON, StopCause.SIGNAL, StopCause.CANCEL}


class Scheduler:
    """Decides what starts, restarts, backs off, stops and is torn down, for one run of one plan."""

    def __init__(self, plan: Plan, *, until: Until = Until.TARGETS, seed: int = 0) -> None:
        """`seed` is what chance there is in delays with jitter: with the same one the same events have the same effects."""
        self.course = Course(plan.on_failure, until)
        self.board = Board(plan)
        self.starter = Starter(self.board, self.course, plan.max_concurrency)
        self.leaver = Leaver(self.board, self.course)
        self.lifecycle = Lifecycle(self.board, self.course, self.starter, self.leaver, seed)
        self.requests = Requests(self.board, self.course, self.starter, self.leaver, self.lifecycle)
        self.replanning = Replanning(plan, self.board, self.course, self.starter, self.leaver, self.requests)

    # -- looking in -------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan that holds."""
        return self.replanning.plan

    def state_of(self, task: TaskId) -> TaskState:
        """Return the state of a task or nested pipeline."""
        return self.board.nodes[task].state

    def is_leaving(self, task: TaskId) -> bool:
        """Tell whether the task is meant to be down, or not there any more."""
        node = self.board.nodes.get(task)
        return node is None or node.goal is Goal.DOWN

    def waits_for(self, task: TaskId) -> tuple[TaskId, ...]:
        """Return what a pending task needs before it can start, or what must leave before a leaving one may."""
        node = self.board.nodes.get(task)
        if node is None:
            return ()
        if node.goal is Goal.DOWN:
            return tuple(self._neighbours(node, upwards=True))
        if isinstance(node.state, Pending):
            return tuple(self._neighbours(node, upwards=False)) or self.board.returning.before(node)
        return ()

    def dependents_to_stop(self, task: TaskId) -> tuple[TaskId, ...]:
        """Return what is there and depends on the task: it goes first when the task is stopped."""
        chosen = self.board.tasks_of(task)
        return tuple(
            node.id
            for node in self.board.with_dependents(chosen)
            if node.is_task and node not in chosen and node.occupied
        )

    def _neighbours(self, node: Node, *, upwards: bool) -> list[TaskId]:
        near = _present_dependents if upwards else _unsatisfied_dependencies
        others = near(node)
        tasks = [other.id for other in others if other.kind is Kind.TASK]
        if not upwards and len(tasks) == len(others):
            return tasks  # at once: a task that waits for thousands is looked at often
        found: dict[TaskId, None] = {}
        seen: set[Node] = set()
        stack = others[::-1]
        while stack:
            other = stack.pop()
            if other in seen:
                continue
            seen.add(other)
            if other.is_task and (not upwards or other.occupied):
                found[other.id] = None
            else:
                stack.extend(reversed(near(other)))
        return list(found)

    # -- events -----------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> list[Effect]:
        """Take an event and return what has to be done, in order. Events about old attempts change nothing."""
        if self.course.phase is RunPhase.ENDED:
            return []
        self._dispatch(event)
        self._settle()
        effects, self.board.effects = self.board.effects, []
        return effects

    def _dispatch(self, event: Event) -> None:
        match event:
            case Begin():
                self._begin()
            case StopRun():
                self._stop_run(event)
            case PlanChanged() | StartWanted() | RestartWanted() | FilesChanged():
                if not self.replanning.defers(event):
                    self._heed(event)
            case StopWanted() if event.task in self.board.nodes:
                self.replanning.stays_away(event.task)
                self.requests.stop(event.task)
            case _:
                node = self.board.nodes.get(event.task)
                if node is None or isinstance(event, StopWanted):
                    return  # late news of a task that the plan has not any more
                self._report(node, event)
                if node.unheeded is not None and not self.replanning.under_way:
                    self.requests.catch_up(node)

    def _heed(self, wish: Wish) -> None:
        if isinstance(wish, PlanChanged):
            self.replanning.begin(wish)
            return
        if wish.task not in self.board.nodes:
            return  # it was asked for while the plan was being replaced
        match wish:
            case StartWanted():
                self.requests.start(wish.task)
            case RestartWanted():
                self.requests.restart(wish.task, with_dependents=wish.with_dependents, reason=wish.reason)
            case FilesChanged():
                self.requests.files_changed(self.board.nodes[wish.task], wish.path)
            case _:
                assert_never(wish)

    def _report(
        self,
        node: Node,
        event: Spawned
        | SpawnFailed
        | CacheHit
        | Exited
        | GroupGone
        | ProbePassed
        | ProbeFailed
        | Unhealthy
        | TimerFired
        | TeardownEnded
        | ActivationClosed,
    ) -> None:
        match event:
            case Spawned():
                self.lifecycle.spawned(node, event)
            case SpawnFailed():
                self._fail(node, self.lifecycle.spawn_failed(node, event))
            case CacheHit():
                self._fail(node, self.lifecycle.cache_hit(node, event.attempt))
            case Exited():
                self._fail(node, self.lifecycle.exited(node, event))
            case GroupGone():
                self.lifecycle.group_gone(node, event.attempt)
            case ProbePassed():
                self.lifecycle.probe_passed(node, event.attempt)
            case ProbeFailed() | Unhealthy():
                if event.attempt == node.attempt:
                    self._apply_policy(
                        node,
                        self.lifecycle.expire(node, Failure(code=ErrorCode.TASK_FAILED, message=event.message)),
                    )
            case TimerFired():
                self._timer_fired(node, event)
            case TeardownEnded():
                self.leaver.teardown_ended(node, event.error)
            case ActivationClosed():
                self._activation_closed(node)
            case _:
                assert_never(event)

    def _begin(self) -> None:
        for node in list(self.board.nodes.values()):
            if node.unsatisfied == 0:
                self.board.turns.append(node)
                self._work_off()

    def _settle(self) -> None:
        while True:
            self._work_off()
            if self.starter.start_next():
                continue
            self.board.settle_presence()  # after what starts: see there
            if self.board.leavers:
                self.leaver.step(self.board.leavers.popleft())
            elif not self._move_on():
                return

    def _work_off(self) -> None:
        board = self.board
        while True:
            if board.stale:
                self.starter.derive(board.stale.popleft())
            elif board.blames:
                board.spread_blame(board.blames.popleft())
            elif board.turns:
                node = board.turns.popleft()
                self._fail(node, self.starter.take_turn(node))
            else:
                return

    # -- failure ----------------------------------------------------------------------------------------------

    def _fail(self, node: Node, failure: Failure | None) -> None:
        if failure is None:
            return
        self.board.enter(node, Failed(failure=failure))
        if node.goal is Goal.DOWN and node.holders == 0:
            self.board.leavers.append(node)
        self._apply_policy(node, failure)

    def _apply_policy(self, node: Node, failure: Failure | None) -> None:
        if failure is None or node.planned.once_of is not None:
            return
        self.course.failures.setdefault(node.id, failure)
        if not self.course.running:
            return
        match self.course.on_failure:
            case OnFailure.STOP:
                self._shut_down(StopCause.FAILURE, failure.message)
            case OnFailure.FINISH:
                self.course.intake = Intake.CLOSED
                self.starter.close_queue()
            case OnFailure.CONTINUE:
                pass
            case _:
                assert_never(self.course.on_failure)

    def _timer_fired(self, node: Node, event: TimerFired) -> None:
        command = node.planned.command
        if event.attempt != node.attempt or command is None:
            return
        late: Failure | None = None
        match event.kind:
            case TimerKind.BACKOFF:
                self.lifecycle.backoff_over(node)
            case TimerKind.SETTLED:
                self.lifecycle.settled(node)
            case TimerKind.READY if isinstance(node.state, Running) and command.ready_timeout_s is not None:
                message = f"[{node.id}] Task did not become ready within {command.ready_timeout_s:g} s"
                late = Failure(code=ErrorCode.TASK_READY_TIMEOUT, message=message)
            case TimerKind.COMPLETED if (
                isinstance(node.state, Running | Ready) and command.completed_timeout_s is not None
            ):
                message = f"[{node.id}] Task did not complete within {command.completed_timeout_s:g} s"
                late = Failure(code=ErrorCode.TASK_COMPLETED_TIMEOUT, message=message)
            case _:
                pass
        if late is not None:
            self._apply_policy(node, self.lifecycle.expire(node, late))

    def _activation_closed(self, node: Node) -> None:
        if node.activation is Activation.CLOSING:
            self.board.set_activation(node, Activation.CLOSED)
            self.starter.ask_again(node)

    # -- the end ----------------------------------------------------------------------------------------------

    def _stop_run(self, event: StopRun) -> None:
        if event.cause in _ESCALATING:
            self.course.asked += 1
        if self.course.running:
            self._shut_down(event.cause, event.detail)
        elif event.cause in _ESCALATING and self.course.asked == 1 and self.course.cause is StopCause.DONE:
            self.course.interruption = event.cause
            self.course.detail = event.detail
        elif event.cause in _ESCALATING and self.course.asked > 1:
            if self.course.phase is RunPhase.STOPPING:
                self._enter_phase(RunPhase.KILLING, event.detail)
                self.leaver.kill_all()
            elif self.course.phase is RunPhase.KILLING:
                self._enter_phase(RunPhase.ABANDONING, event.detail)
                self.leaver.abandon_all()

    def _shut_down(self, cause: StopCause, detail: str) -> None:
        self.course.cause = cause
        self.course.detail = detail
        self._enter_phase(RunPhase.STOPPING, detail)
        self.replanning.forget()
        self.starter.close_queue()
        nodes = list(self.board.nodes.values())
        self.board.stale.extend(node for node in nodes if node.kind is Kind.COMPOSITE)
        self.leaver.want_down(nodes)

    def _enter_phase(self, phase: RunPhase, detail: str) -> None:
        self.course.phase = phase
        self.board.emit(PhaseChanged(phase=phase, cause=self.course.cause, detail=detail))

    def _move_on(self) -> bool:
        if self.replanning.due:
            self._replan()
            return True
        if self.course.running:
            if not self.replanning.under_way and is_over(self.board, self.course):
                self._shut_down(StopCause.DONE, "")
                return True
        elif self.course.phase is not RunPhase.ENDED and self.board.present == 0:
            self._enter_phase(RunPhase.ENDED, "")
            return True
        return False

    def _replan(self) -> None:
        for wish in self.replanning.finish():
            if not self.replanning.defers(wish):
                self._heed(wish)
        for node in self.board.nodes.values():
            if node.unheeded is not None and not self.replanning.under_way:
                self.requests.catch_up(node)


def _present_dependents(node: Node) -> list[Node]:
    return [other for other in node.dependents if other.present]


def _unsatisfied_dependencies(node: Node) -> list[Node]:
    return [other for other in node.deps if not other.satisfied]
