"""Shows what a task that has not started waits for."""

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from tui_runner.model.state import Pending, Queued, satisfies
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.ansi import safe_text
from widgets.task_look import look
from widgets.tone import CONTENT_STYLES


class WaitingPanel(Static):
    """Shows a task and its dependencies with their states, those it waits for first."""

    DEFAULT_CSS = """
    WaitingPanel { height: auto; padding: 1 2; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the name says it best
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self.ascii = ascii

    def show(self, view: TaskView, tasks: Mapping[TaskId, TaskView], now: float) -> None:
        """Show what this task waits for; `tasks` are all tasks by id, `now` is in seconds since the epoch."""
        self.update(Content("\n").join(waiting_lines(view, tasks, now, ascii=self.ascii)))


def waiting_lines(
    view: TaskView,
    tasks: Mapping[TaskId, TaskView],
    now: float,
    *,
    ascii: bool = False,  # noqa: A002 - the name says it best
) -> list[Content]:
    """Return the lines of the panel."""
    lines = [_headline(view)]
    needs = [tasks[task] for task in dict.fromkeys((*view.waiting_for, *view.depends_on)) if task in tasks]
    needs.sort(key=lambda need: satisfies(need.state))  # stable: otherwise in the order of definition
    if needs:
        lines.append(Content(""))
        width = max(len(safe_text(need.id)) for need in needs)
        for need in needs:
            seen = look(need, now, ascii)
            style = CONTENT_STYLES[seen.tone]
            name = safe_text(need.id).ljust(width)
            lines.append(Content.assemble((f"  {seen.glyph} ", style), f"{name}  ", (seen.note, "$text-muted")))
    if view.description or view.command:
        lines.append(Content(""))
    if view.description:
        lines.append(Content.styled(safe_text(view.description), "$text-muted"))
    if view.command:
        lines.append(Content.assemble(("will run  ", "$text-muted"), safe_text(view.title or view.command)))
    return lines


def _headline(view: TaskView) -> Content:
    name = (safe_text(view.id), "bold")
    match view.state:
        case Pending(blocked_by=str() as blocker):
            return Content.assemble(name, (" cannot start: ", ""), (safe_text(blocker), "bold $text-error"), " failed")
        case Pending() if view.leaving:
            return Content.assemble(name, " will not start: the run is stopping")
        case Pending():
            return Content.assemble(name, " has not started; it waits for")
        case Queued():
            return Content.assemble(name, " may start; it waits for a free slot")
        case _:
            return Content.assemble(name, " has printed nothing yet")
