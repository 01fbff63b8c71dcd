"""Which rows the tree shows now: what is folded, and to which tasks it is narrowed. No widget; knows no looks or colours."""

from collections.abc import Callable, Iterable, Sequence

from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.dag_folds import folds_for, is_troubled, is_well, named_tasks
from widgets.dag_layout import Row, lay_out, narrowed

Matches = Callable[[TaskView], bool]


class DagRows:
    """The tasks of a run and the rows they have. Every change lays all rows out anew, but for `update`, mostly."""

    def __init__(self) -> None:
        self.views: dict[TaskId, TaskView] = {}
        """In the order of rows among equals."""
        self.rows: list[Row] = []
        self.hidden: dict[TaskId, tuple[TaskId, ...]] = {}
        """The tasks that are folded away, below each folded one."""
        self._folded: set[TaskId] = set()
        """Folded by a person."""
        self._unfolded: set[TaskId] = set()
        """Unfolded by a person: they do not fold by themselves any more."""
        self._fitted: frozenset[TaskId] = frozenset()
        """Folded by themselves, because the height is too small."""
        self._away: frozenset[TaskId] = frozenset()
        """All tasks that are folded away."""
        self._matches: Matches | None = None
        self._wanted: frozenset[TaskId] = frozenset()

    @property
    def narrowed(self) -> bool:
        """Only some tasks are shown, and what is above them."""
        return self._matches is not None

    @property
    def wanted(self) -> int:
        """How many tasks the tree is narrowed to; all when it is not."""
        return len(self._wanted) if self.narrowed else len(self.views)

    def replace(self, views: Iterable[TaskView]) -> None:
        """Take these tasks, in this order among equals."""
        self.views = {view.id: view for view in views}
        self._folded &= self.views.keys()
        self.lay_out()

    def update(self, view: TaskView) -> bool:
        """Take a task as it is now; tell whether the rows are others: it is new or depends on other tasks than before."""
        old = self.views.get(view.id)
        self.views[view.id] = view
        if old is not None and _edges(old) == _edges(view):
            return False
        self.lay_out()
        return True

    def narrow(self, matches: Matches | None) -> None:
        """Show only the tasks that match and what is above them, folded or not; None shows all again."""
        self._matches = matches
        self.lay_out()

    def toggle_fold(self, task: TaskId) -> None:
        """Fold what is below a task, or unfold it. While the tree is narrowed nothing is folded."""
        if self.narrowed:
            return
        if task in self._folded or task in self._fitted:
            self._folded.discard(task)
            below = {task, *self.hidden[task]}
            self._fitted -= below
            self._unfolded |= below
        else:
            self._folded.add(task)
            self._unfolded.discard(task)
        self.lay_out()

    def fit(self, height: int, cursor: TaskId | None) -> bool:
        """Fold branches in which all is well until the rows fit, but none with the cursor in it; tell whether rows changed.

        Takes a few milliseconds per thousand tasks.
        """
        if self.narrowed or (len(self.rows) <= height and not self._fitted):
            return False
        views = self.views.values()
        shown = {view.id for view in views if is_troubled(view)} | named_tasks(tuple(views))
        if cursor is not None:
            shown.add(cursor)
        busy = {view.id for view in views if not is_well(view)} | self._unfolded
        fitted = folds_for(
            lay_out(tuple(views), self._folded), height, shown=shown, busy=busy, kept=self._fitted - self._unfolded
        )
        if fitted == self._fitted:
            return False
        self._fitted = fitted
        self.lay_out()
        return True

    def is_folded(self, task: TaskId) -> bool:
        """Tell whether what is below a task is not shown."""
        return task in self.hidden

    def is_hidden(self, task: TaskId) -> bool:
        """Tell whether the own row of a task is folded away."""
        return task in self._away

    def reveal(self, task: TaskId) -> bool:
        """Unfold what hides a task, and show all tasks if it is not among those that are; tell whether rows changed."""
        holders = {holder for holder, below in self.hidden.items() if task in below}
        narrowed_away = self.narrowed and all(row.task != task for row in self.rows)
        if not holders and not narrowed_away:
            return False
        self._folded -= holders
        self._fitted -= holders
        if narrowed_away:
            self._matches = None
        self.lay_out()
        return True

    def first_wanted(self, task: TaskId | None) -> int:
        """Return the row of a task if the tree is narrowed to it, else the first row of one that is."""
        if task in self._wanted and task is not None:
            return self.own_row(task) or 0
        return next((index for index, row in enumerate(self.rows) if row.task in self._wanted and not row.reference), 0)

    def same_row(self, here: Row) -> int:
        """Return where a row is now; the own row of its task, or of the task that hides it, when it has gone."""
        for index, row in enumerate(self.rows):
            if row.task == here.task and row.reference == here.reference:
                return index
        holders = [holder for holder, below in self.hidden.items() if here.task in below]
        places = (self.own_row(task) for task in (here.task, *holders))
        return min((place for place in places if place is not None), default=0)

    def own_row(self, task: TaskId) -> int | None:
        """Return the row of a task that is no reference; None when it has none now."""
        return next((index for index, row in enumerate(self.rows) if row.task == task and not row.reference), None)

    def lay_out(self) -> None:
        """Make the rows anew."""
        views = list(self.views.values())
        folded = self._folded | self._fitted
        if self._matches is not None:
            self._wanted = frozenset(view.id for view in views if self._matches(view))
            self.rows = narrowed(lay_out(views), self._wanted)
            self.hidden = {}
            self._away = frozenset()
        else:
            self._wanted = frozenset()
            self.rows = lay_out(views, folded)
            self.hidden = _hidden_tasks(lay_out(views), folded) if folded else {}
            self._away = frozenset(task for below in self.hidden.values() for task in below)


def _edges(view: TaskView) -> tuple[object, ...]:
    return (view.depends_on, view.parent, view.composite)


def _hidden_tasks(rows: Sequence[Row], folded: set[TaskId]) -> dict[TaskId, tuple[TaskId, ...]]:
    """Return the tasks that have their own row, in the unfolded tree, below each folded one."""
    hidden: dict[TaskId, tuple[TaskId, ...]] = {}
    for index, row in enumerate(rows):
        if row.task in folded and not row.reference:
            below: list[TaskId] = []
            for other in rows[index + 1 :]:
                if other.depth <= row.depth:
                    break
                if not other.reference:
                    below.append(other.task)
            hidden[row.task] = tuple(below)
    return hidden
