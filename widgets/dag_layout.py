"""Which task is in which row of the tree. Pure; knows nothing of looks, colours or widths.

What nobody depends on comes first, what it needs below it; members of a nested pipeline are below the task that stands for it.
A task has one row of its own, where it comes first, and is only referred to from its other places. So there are never more
rows than tasks and dependencies.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView


class Row(NamedTuple):
    """One row of the tree."""

    task: TaskId
    depth: int
    """0 at top level."""
    parent: int
    """Index of the row this one is below; -1 at top level."""
    last: bool
    """No other row below the same parent follows."""
    reference: bool
    """Its own row is elsewhere."""
    children: int
    """Rows directly below it, shown or folded away."""


class _Planned(NamedTuple):
    task: TaskId
    depth: int
    parent: int
    last: bool


def lay_out(views: Sequence[TaskView], folded: AbstractSet[TaskId] = frozenset()) -> list[Row]:
    """Return the rows from top to bottom, in the order of `views` among equals. Names that are not in `views` are left out."""
    graph = _Graph(views)
    homes = graph.homes()
    rows: list[Row] = []
    roots = homes.roots
    pending = [_Planned(task, 0, -1, task == roots[-1]) for task in reversed(roots)]
    while pending:
        task, depth, parent, last = pending.pop()
        reference = parent >= 0 and homes.parents.get(task) != rows[parent].task
        children = [] if reference else homes.children[task]
        index = len(rows)
        rows.append(Row(task, depth, parent, last, reference, len(children)))
        if task not in folded:
            pending += [_Planned(child, depth + 1, index, child == children[-1]) for child in reversed(children)]
    return rows


def narrowed(rows: Sequence[Row], wanted: AbstractSet[TaskId]) -> list[Row]:
    """Return the own rows of these tasks and all rows above them, connected as if there were no others."""
    kept: set[int] = set()
    for index, row in enumerate(rows):
        place = index if row.task in wanted and not row.reference else -1
        while place >= 0 and place not in kept:
            kept.add(place)
            place = rows[place].parent
    places = {old: new for new, old in enumerate(sorted(kept))}
    last = {rows[index].parent: index for index in places}
    children = Counter(rows[index].parent for index in places)
    return [
        rows[index]._replace(
            parent=places.get(rows[index].parent, -1), last=last[rows[index].parent] == index, children=children[index]
        )
        for index in places
    ]


class _Homes(NamedTuple):
    """Where every task has its own row."""

    roots: list[TaskId]
    parents: dict[TaskId, TaskId]
    children: dict[TaskId, list[TaskId]]
    """Everything shown below a task, references included."""


class _Graph:
    """Who depends on whom, and who is a member of what."""

    def __init__(self, views: Sequence[TaskView]) -> None:
        self._views: Mapping[TaskId, TaskView] = {view.id: view for view in views}
        self._members: dict[TaskId, list[TaskId]] = {}
        for view in views:
            if view.parent in self._views:
                self._members.setdefault(view.parent, []).append(view.id)
        self._needs = {view.id: self._known(view.depends_on, view) for view in views}

    def _known(self, tasks: Iterable[TaskId], view: TaskView) -> list[TaskId]:
        """Return dependencies that are shown; a pipeline's own members are below it anyway."""
        shown = dict.fromkeys(task for task in tasks if task in self._views and task != view.id)
        return [task for task in shown if not (self._views[task].parent == view.id and view.composite)]

    def homes(self) -> _Homes:
        """Walk the graph from top to bottom of the tree: a task lives where it is met first, if it may live there."""
        top = [task for task in self._views if self._views[task].parent not in self._views]
        # What has nothing to run in this mode is known from the start, so it can stand last without moving later.
        homes = _Homes(sorted(self._firsts(top, None), key=self._has_nothing_to_run), {}, {})
        for root in homes.roots:
            self._walk(homes, root)
        for task in self._views:  # only left when a dependency leads out of a pipeline and back in
            if task not in homes.children:
                homes.roots.append(task)
                self._walk(homes, task)
        return homes

    def _has_nothing_to_run(self, task: TaskId) -> bool:
        view = self._views[task]
        return bool(view.mode) and not view.command and not view.composite

    def _walk(self, homes: _Homes, root: TaskId) -> None:
        pending: list[tuple[TaskId, TaskId | None]] = [(root, None)]
        while pending:
            task, below = pending.pop()
            if task in homes.children or (below is not None and not self._may_live(task, below)):
                continue
            if below is not None:
                homes.parents[task] = below
            members = self._firsts(self._members[task], task) if task in self._members else []
            children = homes.children[task] = list(dict.fromkeys([*members, *self._needs[task]]))
            pending += [(child, task) for child in reversed(children)]

    def _firsts(self, tasks: list[TaskId], pipeline: TaskId | None) -> list[TaskId]:
        """Return those of a pipeline's tasks (None: of top level) that nothing below the same pipeline depends on."""
        within = [task for task in self._views if pipeline is None or self._is_within(task, pipeline)]
        needed = {need for task in within for need in self._needs[task]}
        return [task for task in tasks if task not in needed]

    def _may_live(self, task: TaskId, below: TaskId) -> bool:
        """A member's own row stays within its pipeline, wherever else it is needed."""
        pipeline = self._views[task].parent
        return pipeline is None or pipeline not in self._views or below == pipeline or self._is_within(below, pipeline)

    def _is_within(self, task: TaskId, pipeline: TaskId) -> bool:
        parent = self._views[task].parent
        while parent is not None and parent != pipeline:
            parent = self._views[parent].parent if parent in self._views else None
        return parent is not None
