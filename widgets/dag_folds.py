"""Which branches of the tree fold by themselves where the height is too small. Pure; knows no widget.

Only what is below a task is folded, and only where all of it is well. What is folded stays so as long as the height is too
small and nothing in it fails, so that the tree does not move with every restart.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate

from tui_runner.model.state import Aborted, Backoff, Failed, Pending, satisfies
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.dag_layout import Row


def is_troubled(view: TaskView) -> bool:
    """Tell whether a task has failed, is about to be tried again, or cannot start: it is always shown."""
    match view.state:
        case Failed() | Backoff() | Aborted() | Pending(blocked_by=str()):
            return True
        case _:
            return False


def is_well(view: TaskView) -> bool:
    """Tell whether nothing is left to happen with a task: it may be folded away."""
    return satisfies(view.state) and not view.leaving


def named_tasks(views: Sequence[TaskView]) -> frozenset[TaskId]:
    """Return the tasks that were asked for by name; none when all of the top level are wanted, which is the default."""
    wanted = frozenset(view.id for view in views if view.target)
    return frozenset() if all(view.target for view in views if view.parent is None) else wanted


def folds_for(
    rows: Sequence[Row],
    height: int,
    *,
    shown: AbstractSet[TaskId],
    busy: AbstractSet[TaskId],
    kept: AbstractSet[TaskId],
) -> frozenset[TaskId]:
    """Return the tasks to fold so that no more rows than `height` are left; the innermost ones first, no more than needed.

    Nothing in `shown` is ever folded away; what is in `busy` only below the tasks of `kept`, which are folded already.
    """
    if len(rows) <= height:
        return frozenset()
    ends = _ends(rows)
    held = list(accumulate((row.task in shown for row in rows), initial=0))
    moving = list(accumulate((row.task in busy for row in rows), initial=0))

    def may_fold(index: int) -> bool:
        row, start, end = rows[index], index + 1, ends[index]
        if row.reference or start == end or held[start] != held[end]:
            return False
        return row.task in kept or (moving[start] == moving[end] and row.task not in busy)

    candidates = [index for index in range(len(rows)) if may_fold(index)]
    candidates.sort(key=lambda index: (rows[index].task not in kept, -rows[index].depth, -index))
    visible, left, folded = bytearray(b"\1" * len(rows)), len(rows), list[int]()
    for index in candidates:
        if left <= height:
            break
        start, end = index + 1, ends[index]
        if below := sum(visible[start:end]):
            visible[start:end] = bytes(end - start)
            left -= below
            folded.append(index)
    closed, spare = set(folded), height - left
    for index in reversed(folded):  # larger ones, made later, may have left room for what earlier ones hide
        if spare > 0 and visible[index] and rows[index].task not in kept:
            opened = _rows_below(index, closed, ends)
            if len(opened) <= spare:
                spare -= len(opened)
                closed.remove(index)
                for row in opened:
                    visible[row] = 1
    return frozenset(rows[index].task for index in closed)


def _rows_below(index: int, closed: AbstractSet[int], ends: Sequence[int]) -> list[int]:
    """Return the rows below a row that can be seen once it is open."""
    rows, row = list[int](), index + 1
    while row < ends[index]:
        rows.append(row)
        row = ends[row] if row in closed else row + 1
    return rows


def _ends(rows: Sequence[Row]) -> list[int]:
    """Return for each row the index of the first one that is not below it."""
    ends = [len(rows)] * len(rows)
    open_rows: list[int] = []
    for index, row in enumerate(rows):
        while open_rows and rows[open_rows[-1]].depth >= row.depth:
            ends[open_rows.pop()] = index
        open_rows.append(index)
    return ends
