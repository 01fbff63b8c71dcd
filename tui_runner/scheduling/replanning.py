"""Going over to another plan while the run lives, in two steps: what has to go goes by the old plan, then the new one holds.

Between the steps nothing starts, so that what comes finds neither ports nor names taken by what goes. Wishes that would
start something wait; what is asked to stop, stops.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui_runner.model.state import Aborted, Completed, Pending, Queued, Skipped, SkipReason
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import NodeId, Plan
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course
from tui_runner.scheduling.effect import PlanTaken, RestartNoted
from tui_runner.scheduling.event import FilesChanged, PlanChanged, RestartWanted, StartWanted
from tui_runner.scheduling.leaving import Leaver
from tui_runner.scheduling.node import Goal, Node
from tui_runner.scheduling.requests import Requests
from tui_runner.scheduling.starting import Starter

if TYPE_CHECKING:
    from tui_runner.planning.difference import PlanDifference

Wish = PlanChanged | StartWanted | RestartWanted | FilesChanged
"""What has to wait while a plan is being replaced."""


class _Change:
    """A change of plans under way."""

    def __init__(self, event: PlanChanged, what: "PlanDifference", leaving: list[Node], back: list[Node]) -> None:
        self.event = event
        self.what = what
        self.leaving = leaving
        """What has to be gone before the new plan can hold."""
        self.back = dict.fromkeys(back)
        """What is meant to be up then as it was before, unless somebody stops it meanwhile."""
        self.waiting: list[Wish] = []


class Replanning:
    """At most one change of plans at a time; another one waits for its end."""

    def __init__(
        self, plan: Plan, board: Board, course: Course, starter: Starter, leaver: Leaver, requests: Requests
    ) -> None:
        self.plan = plan
        """The one that holds."""
        self.board = board
        self.course = course
        self.starter = starter
        self.leaver = leaver
        self.requests = requests
        self._change: _Change | None = None

    @property
    def under_way(self) -> bool:
        """Tell whether a plan is being replaced."""
        return self._change is not None

    @property
    def due(self) -> bool:
        """Tell whether all that had to go has gone."""
        change = self._change
        return change is not None and not any(node.occupied for node in change.leaving)

    def defers(self, wish: Wish) -> bool:
        """Have the wish wait if it cannot be heeded now; tell whether it has to."""
        if self._change is None:
            return False
        self._change.waiting.append(wish)
        return True

    def forget(self) -> None:
        """The run ends: by the plan that holds."""
        self._change = None

    def stays_away(self, task: TaskId) -> None:
        """Note that a person stopped the task: neither it nor what needs it comes up again by itself."""
        if self._change is not None:
            for node in self.board.with_dependents(self.board.tasks_of(task)):
                self._change.back.pop(node, None)

    # -- first step: what has to go ---------------------------------------------------------------------------

    def begin(self, event: PlanChanged) -> None:
        """Take down, in order, what the new plan has not, and what must be torn down as it was started."""
        if not self.course.running:
            return
        from tui_runner.planning.difference import difference  # noqa: PLC0415 - most runs have one plan

        what = difference(self.plan, event.plan)
        self.starter.rest()
        nodes = self.board.nodes
        replaced = what.replaced
        going = [nodes[task] for task in (*what.removed, *replaced) if nodes[task].is_task]
        stays = [nodes[task] for task in replaced if not event.plan.tasks[task].composite]
        back = [node for node in stays if node.is_task and node.goal is Goal.UP]
        if any(node.occupied for node in going):
            self.board.rewire(self.plan, _edges_that_hold(self.plan, event.plan, what))
        along = [node for node in self.board.with_dependents(going) if node.is_task and node.occupied]
        back += [node for node in along if node not in going and node.goal is Goal.UP]
        self._change = _Change(event, what, list(dict.fromkeys((*going, *along))), back)
        self.leaver.want_down(sorted(self._change.leaving, key=lambda node: node.order))

    # -- second step: the new plan ----------------------------------------------------------------------------

    def finish(self) -> list[Wish]:
        """Go over to the new plan; return the wishes that waited for it."""
        change, self._change = self._change, None
        if change is None:
            return []
        self._restart_changed(change)
        for node in change.back:
            self._bring_back(node, _why(node.id, change.what))
        self.plan = change.event.plan
        self.board.emit(PlanTaken(plan=self.plan))
        self.board.take(self.plan)
        for task in change.what.removed:
            self.course.failures.pop(task, None)
        self.course.on_failure = self.plan.on_failure
        self.starter.go_on(self.plan.max_concurrency)
        return [*(StartWanted(task=task) for task in change.event.start), *change.waiting]

    def _restart_changed(self, change: _Change) -> None:
        """Restart what runs or has ended by another definition, by the old one still: it is what tells how to stop it."""
        for task in change.what.restarted:
            node = self.board.nodes[task]
            if node not in change.back and _counts(node):
                self.requests.renew(node, _why(task, change.what))

    def _bring_back(self, node: Node, why: str) -> None:
        if isinstance(node.state, Pending):
            node.goal = Goal.UP
        else:
            self.board.emit(RestartNoted(task=node.id, reason=why))
            self.starter.bring_up(node)


def _counts(node: Node) -> bool:
    """Tell whether the task has begun, and is not down because a person wants it to be."""
    match node.state:
        case Pending() | Queued() | Aborted():
            return False
        case Skipped(reason=reason):
            return reason is SkipReason.CACHE_HIT
        case Completed(stopped=True):
            return False
        case _:
            return node.goal is Goal.UP


def _why(task: TaskId, what: "PlanDifference") -> str:
    change = what.changed.get(task)
    return f"its definition changed: {', '.join(change.fields)}" if change is not None else "what it needs was replaced"


def _edges_that_hold(old: Plan, new: Plan, what: "PlanDifference") -> Mapping[NodeId, tuple[NodeId, ...]]:
    """Return the old edges, without those that a task which goes on as it is has not in the new plan any more."""
    begun_anew = {change.task for change in what.changed.values() if change.begins_anew}
    edges: dict[NodeId, tuple[NodeId, ...]] = {}
    for node, others in old.after.items():
        kept = new.after.get(node)
        if kept is not None and node not in begun_anew:
            others = tuple(other for other in others if other in set(kept))  # noqa: PLW2901 - the edges that stay
        edges[node] = others
    return edges
