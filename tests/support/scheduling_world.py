"""A small world around the scheduler: it keeps what processes would do, checks the rules, and says what may happen next."""

from collections.abc import Callable, Mapping, Sequence

from plan_edges import dependents_of, edges_while_replacing, leaf_dependencies

from tui_runner.model.pipeline import Pipeline, pipeline
from tui_runner.model.policy import OnFailure
from tui_runner.model.state import Failed, Ready, Stopping, StopReason, TaskState, TeardownStatus, satisfies
from tui_runner.model.task import Task, TaskId
from tui_runner.model.view import RunPhase
from tui_runner.planning.plan import Plan, gate_of
from tui_runner.planning.planner import PlanRequest, plan_pipeline
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Until
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
from tui_runner.scheduling.event import (
    ActivationClosed,
    Begin,
    CacheHit,
    Event,
    Exited,
    GroupGone,
    PlanChanged,
    ProbePassed,
    Spawned,
    StopCause,
    StopRun,
    TeardownEnded,
    TimerFired,
    TimerKind,
)
from tui_runner.scheduling.node import Node
from tui_runner.scheduling.scheduler import Scheduler


def planned(
    tasks: Sequence[Task] | Pipeline,
    *,
    mode: str = "dev",
    targets: tuple[Task | str, ...] | None = None,
    on_failure: OnFailure = OnFailure.STOP,
    max_concurrency: int | None = None,
    strict: bool = False,
) -> Plan:
    """Return a plan, or fail with the problems."""
    whole = tasks if isinstance(tasks, Pipeline) else pipeline(tasks)
    plan = plan_pipeline(
        whole,
        PlanRequest(
            mode=mode,
            root="/workspace",
            targets=targets,
            on_failure=on_failure,
            max_concurrency=max_concurrency,
            strict=strict,
        ),
    )
    assert isinstance(plan, Plan), [problem.message for problem in plan]
    return plan


class World:
    """Performs effects in memory. Processes live until they are told otherwise."""

    def __init__(self, plan: Plan, *, until: Until = Until.TARGETS) -> None:
        self.plan = plan
        self.scheduler = Scheduler(plan, until=until)
        _check_nearest(self.scheduler.board)
        self.alive: dict[TaskId, int] = {}
        """Running attempts."""
        self.signalled: set[TaskId] = set()
        self.lingering: dict[TaskId, int] = {}
        self.probing: dict[TaskId, int] = {}
        self.timers: dict[tuple[TaskId, TimerKind], SetTimer] = {}
        self.tearing_down: set[TaskId] = set()
        self.closing: set[TaskId] = set()
        self.unacknowledged: dict[TaskId, int] = {}
        self.must_run: set[TaskId] = set()
        """Of those, the ones a cached result will not do for."""
        self.spawned: list[TaskId] = []
        self.teardowns: list[TaskId] = []
        self.swept: list[TaskId] = []
        """Whose attempts were to end with all they had put into other sessions."""
        self.story: list[str] = []
        """What happened, in words, for assertions on order."""
        self.due: dict[TaskId, TeardownStatus] = {}
        self.ended = False
        self._coming: list[Plan] = []
        """Plans that were asked for and do not hold yet."""
        self._edges: Mapping[str, tuple[str, ...]] = plan.after
        """What must not leave before what, now."""
        self.once_satisfied: set[TaskId] = set()
        self._begun: set[TaskId] = set()
        """Nested pipelines that were through their dependencies under an earlier plan."""

    # -- driving ----------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> list[Effect]:
        """Feed an event and perform what comes back."""
        effects = self.scheduler.feed(event)
        for effect in effects:
            assert not self.ended, f"{effect} after the end"
            self._perform(effect)
        return effects

    def replan(self, plan: Plan, *start: TaskId) -> None:
        """Ask for another plan."""
        if self.scheduler.course.running and not self.ended:
            self._coming.append(plan)
            if len(self._coming) == 1:
                self._edges = edges_while_replacing(self.plan, plan)
        self.feed(PlanChanged(plan=plan, start=start))
        self.acknowledge()

    def _take(self, plan: Plan) -> None:
        """Go over to a plan: nothing is left of what it has not."""
        assert plan is self._coming.pop(0)
        for task in {*self.plan.tasks} - {*plan.tasks}:
            assert task not in {*self.alive, *self.lingering, *self.tearing_down, *self.closing, *self.probing}
            assert task not in self.unacknowledged
            assert not any(timed == task for timed, _ in self.timers)
            assert self.due.pop(task, None) in {None, TeardownStatus.COMPLETED}
        for task, planned_task in self.plan.tasks.items():
            if (
                planned_task.composite
                and set().union(*leaf_dependencies(self.plan, gate_of(task))) <= self.once_satisfied
            ):
                self._begun.add(task)
        self._begun &= {*plan.tasks}
        self.plan = plan
        self._edges = edges_while_replacing(plan, self._coming[0]) if self._coming else plan.after
        self.story.append("another plan")

    def begin(self) -> "World":
        self.feed(Begin())
        self.acknowledge()
        return self

    def acknowledge(self) -> None:
        """Report every spawn that was asked for, until no new one comes."""
        while self.unacknowledged:
            task = next(iter(self.unacknowledged))
            self.spawn_succeeds(task)

    def spawn_succeeds(self, task: TaskId) -> None:
        attempt = self.unacknowledged.pop(task)
        self.alive[task] = attempt
        self.feed(Spawned(task=task, attempt=attempt, pid=1000 + len(self.spawned)))

    def is_cached(self, task: TaskId) -> None:
        """Report that the result of a task that was to be spawned is there already."""
        attempt = self.unacknowledged.pop(task)
        self.signalled.discard(task)
        self.spawned.remove(task)
        self.story.append(f"{task} is cached")
        self.feed(CacheHit(task=task, attempt=attempt))

    def exits(
        self, task: TaskId, code: int = 0, *, group_gone: bool = True, escaped: bool = False, at_s: float = 0.0
    ) -> None:
        attempt = self.alive.pop(task)
        self.signalled.discard(task)
        self.story.append(f"{task} exits {code}")
        if not group_gone:
            self.lingering[task] = attempt
        self.feed(
            Exited(
                task=task,
                attempt=attempt,
                exit_code=code if code >= 0 else None,
                signal="SIGTERM" if code < 0 else None,
                group_gone=group_gone,
                escaped=escaped,
                at_s=at_s,
            )
        )
        self.acknowledge()

    def becomes_ready(self, task: TaskId) -> None:
        self.feed(ProbePassed(task=task, attempt=self.probing[task]))
        self.acknowledge()

    def group_leaves(self, task: TaskId) -> None:
        self.feed(GroupGone(task=task, attempt=self.lingering.pop(task)))
        self.acknowledge()

    def fires(self, task: TaskId, kind: TimerKind) -> None:
        timer = self.timers.pop((task, kind))
        self.feed(TimerFired(task=task, kind=kind, attempt=timer.attempt))
        self.acknowledge()

    def teardown_ends(self, task: TaskId, error: str | None = None) -> None:
        self.tearing_down.remove(task)
        self.story.append(f"{task} torn down")
        self.feed(TeardownEnded(task=task, error=error))

    def closes(self, task: TaskId) -> None:
        self.closing.remove(task)
        self.feed(ActivationClosed(task=task))
        self.acknowledge()

    def stop_run(self, cause: StopCause = StopCause.PERSON) -> None:
        self.feed(StopRun(cause=cause))

    def feed_stop(self, cause: StopCause) -> list[Effect]:
        """Ask to stop the run; return what comes of it."""
        return self.feed(StopRun(cause=cause))

    def feed_exit(self, task: TaskId) -> list[Effect]:
        """Let a task end well, with nothing left of it; return what comes of it."""
        attempt = self.alive.pop(task)
        return self.feed(Exited(task=task, attempt=attempt, exit_code=0, signal=None, group_gone=True, escaped=False))

    def leave_all(self) -> None:
        """Let everything that was asked to leave do so at once, until the run ends or nothing moves."""
        while not self.ended:
            if self.signalled:
                self.exits(min(self.signalled), -15)
            elif self.tearing_down:
                self.teardown_ends(min(self.tearing_down))
            elif self.closing:
                self.closes(min(self.closing))
            elif self.lingering:
                self.group_leaves(min(self.lingering))
            else:
                return

    def moves(self) -> list[Callable[[], None]]:
        """Return everything that could happen next in the world."""
        found: list[Callable[[], None]] = []
        found += [lambda t=task: self.spawn_succeeds(t) for task in self.unacknowledged]  # type: ignore[misc]
        found += [lambda t=task: self.is_cached(t) for task in self.unacknowledged if task not in self.must_run]  # type: ignore[misc]
        for task in self.alive:
            found.append(lambda t=task: self.exits(t, -15 if t in self.signalled else 0))  # type: ignore[misc]
            found.append(lambda t=task: self.exits(t, -15 if t in self.signalled else 1, group_gone=False))  # type: ignore[misc]
        found += [lambda t=task: self.becomes_ready(t) for task in self.probing if task in self.alive]  # type: ignore[misc]
        found += [lambda t=task: self.group_leaves(t) for task in self.lingering]  # type: ignore[misc]
        found += [lambda k=key: self.fires(*k) for key in self.timers]  # type: ignore[misc]
        found += [lambda t=task: self.teardown_ends(t) for task in self.tearing_down]  # type: ignore[misc]
        found += [lambda t=task: self.closes(t) for task in self.closing]  # type: ignore[misc]
        return found

    # -- looking ----------------------------------------------------------------------------------------------

    def state(self, task: TaskId) -> TaskState:
        return self.scheduler.state_of(task)

    def states(self) -> dict[TaskId, str]:
        """Return the tag of every task's state."""
        return {task: type(self.state(task)).__name__.lower() for task in self.plan.tasks}

    # -- performing -------------------------------------------------------------------------------------------

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Spawn():
                self._spawn(effect)
            case Sweep():
                assert self.alive.get(effect.task, self.unacknowledged.get(effect.task)) == effect.attempt
                self.swept.append(effect.task)
            case Stop() | Kill():
                attempt = self.alive.get(
                    effect.task, self.unacknowledged.get(effect.task, self.lingering.get(effect.task))
                )
                assert attempt == effect.attempt
                self.story.append(f"{effect.task} {'killed' if isinstance(effect, Kill) else 'stopped'}")
                self._nothing_depends_on(effect.task, unless_restart=True, unless_kill=isinstance(effect, Kill))
                if effect.task not in self.lingering:
                    self.signalled.add(effect.task)
            case RunTeardown():
                assert self.due[effect.task] is TeardownStatus.RUNNING
                assert effect.task not in self.alive
                assert effect.task not in self.lingering
                self._nothing_depends_on(effect.task)
                self.tearing_down.add(effect.task)
                self.teardowns.append(effect.task)
                self.story.append(f"{effect.task} teardown")
            case AbandonTeardown():
                self.tearing_down.discard(effect.task)
            case CloseActivation():
                assert effect.task not in self.alive
                self.closing.add(effect.task)
            case StartProbe():
                self.probing[effect.task] = effect.attempt
            case StopProbe():
                self.probing.pop(effect.task, None)
            case SetTimer():
                self.timers[effect.task, effect.kind] = effect
            case CancelTimer():
                self.timers.pop((effect.task, effect.kind), None)
            case StateChanged():
                if satisfies(effect.state):
                    self.once_satisfied.add(effect.task)
                if isinstance(effect.state, Ready):
                    self.probing.pop(effect.task, None)
                self.story.append(f"{effect.task} is {type(effect.state).__name__.lower()}")
            case TeardownChanged():
                self.due[effect.task] = effect.status
            case PlanTaken():
                self._take(effect.plan)
            case PhaseChanged():
                self.ended = effect.phase is RunPhase.ENDED
            case RestartNoted():
                pass
            case SendSignal():
                assert self.alive[effect.task] == effect.attempt
                self.story.append(f"{effect.task} is sent {effect.number}")

    def _spawn(self, effect: Spawn) -> None:
        task = effect.task
        assert task not in self.alive, f"{task} spawned twice"
        assert task not in self.lingering, f"{task} spawned beside the rest of its group"
        assert task not in self.tearing_down, f"{task} spawned beside its teardown"
        now, once = leaf_dependencies(self.plan, task, self._begun)
        for dependency in now:
            assert satisfies(self.state(dependency)), f"{task} spawned while {dependency} is {self.state(dependency)}"
        assert once <= self.once_satisfied, f"{task} spawned before {once - self.once_satisfied}"
        self.spawned.append(task)
        self.unacknowledged[task] = effect.attempt
        self.must_run = self.must_run | {task} if effect.must_run else self.must_run - {task}
        self.story.append(f"{task} spawned")

    def _nothing_depends_on(self, task: TaskId, *, unless_restart: bool = False, unless_kill: bool = False) -> None:
        state = self.state(task)
        if unless_kill:
            return
        not_for_good = {StopReason.RESTART, StopReason.CHANGED, StopReason.TIMEOUT, StopReason.DEPENDENCY}
        if unless_restart and isinstance(state, Stopping) and state.reason in not_for_good:
            return
        for other in dependents_of(self.plan, task, self._edges):
            assert other not in self.alive, f"{task} leaves while {other} is alive"
            assert other not in self.tearing_down, f"{task} leaves while {other} is torn down"
            assert self.due.get(other) is not TeardownStatus.DUE, f"{task} leaves before {other} was torn down"


def failure_of(state: TaskState) -> str:
    """Return the message of a failed state."""
    assert isinstance(state, Failed), state
    return state.failure.message


def _check_nearest(board: Board) -> None:
    """Have every answer about nearest dependencies compared with what a walk through the whole graph finds."""
    answer = board.nearest_open

    def checked(node: Node) -> tuple[TaskId, ...]:
        found: list[TaskId] = []
        seen: set[Node] = set()
        stack = list(reversed(node.deps))
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            if current.is_task and current.occupied:
                found.append(current.id)
            else:
                stack.extend(reversed(current.deps))
        answered = answer(node)
        assert answered == tuple(found)
        return answered

    board.nearest_open = checked  # type: ignore[method-assign]  # it only looks on
