"""The graph of tasks as a tree, drawn from views."""

from collections.abc import Callable, Sequence
from time import time

from textual.message import Message
from textual.scroll_view import ScrollView

from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView


class DagTree(ScrollView, can_focus=True):
    """Targets at the top level, what they need below them."""

    class Highlighted(Message):
        """The cursor moved to another task."""

        def __init__(self, tree: "DagTree", task_id: TaskId) -> None:
            super().__init__()
            self.tree = tree
            self.task_id = task_id

        @property
        def control(self) -> "DagTree":
            """The tree."""
            return self.tree

    class Chosen(Highlighted):
        """Enter was pressed or the highlighted row was clicked."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the name says it best
        clock: Callable[[], float] = time,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii = ascii
        self.clock = clock

    @property
    def cursor_task(self) -> TaskId | None:
        """The task under the cursor; None while there is none."""
        raise NotImplementedError

    def set_tasks(self, views: Sequence[TaskView]) -> None:
        """Show these tasks, in this order of preference; the cursor stays on its task."""
        raise NotImplementedError

    def update_task(self, view: TaskView) -> None:
        """Note that a task changed. Cheap: repaints at most ten times a second."""
        raise NotImplementedError

    def move_to(self, task_id: TaskId) -> None:
        """Put the cursor on a task, unfolding what hides it."""
        raise NotImplementedError
