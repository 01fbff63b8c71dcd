"""Shows how a run leaves: who goes when, who is waited for and since when, and which key forces."""

from collections.abc import Sequence
from textwrap import wrap
from typing import assert_never

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_runner.model.state import Pending, Skipped, Stopping, TeardownStatus, is_alive
from tui_runner.model.view import RunPhase, RunView, TaskView
from widgets.ansi import safe_text
from widgets.span_text import growing_text
from widgets.task_look import look
from widgets.tone import CONTENT_STYLES

_LEAST_NAME_CELLS = 8


class StopPanel(Static):
    """Shows who is waited for, and below it tasks in the order they leave, the first to leave on top."""

    DEFAULT_CSS = """
    StopPanel { height: auto; max-height: 50%; padding: 1 2; text-wrap: nowrap; text-overflow: ellipsis; }
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

    def show(self, run: RunView, tasks: Sequence[TaskView], now: float, *, force_key: str = "q") -> None:
        """Show where the stop stands; `tasks` in scheduling order, `now` in seconds since the epoch."""
        room, width = self._room(), self.content_size.width or None
        lines = stop_lines(run, tasks, now, force_key=force_key, ascii=self.ascii, room=room, width=width)
        self.update(Content("\n").join(lines))

    def _room(self) -> int | None:
        """Return how many lines can be seen at most; None while that is not known."""
        around = self.parent.size.height if isinstance(self.parent, Widget) else 0
        return max(1, around // 2 - self.styles.padding.height) if around else None


def stop_lines(
    run: RunView,
    tasks: Sequence[TaskView],
    now: float,
    *,
    force_key: str,
    ascii: bool = False,  # noqa: A002 - the name says it best
    room: int | None = None,
    width: int | None = None,
) -> list[Content]:
    """Return the lines of the panel: first who is waited for and what the key does, then the tasks.

    `room` is how many lines can be seen: where that is too few, tasks that are gone are only counted, and those that are
    waited for come before those whose turn comes later. `width` is that of a line in cells: who is waited for is named
    shorter before anything else is cut off, and what the key does goes on in a line below. None: as many as there are.
    """
    leaving = [view for view in reversed(tasks) if not isinstance(view.state, Pending | Skipped) and not view.composite]
    head = [_headline(run, now), *_awaited(run, leaving, now, force_key, width)]
    left = None if room is None else room - len(head) - 1
    return [*head, Content(""), *_task_lines(leaving, now, left, width, ascii=ascii)]


def _task_lines(
    leaving: Sequence[TaskView],
    now: float,
    room: int | None,
    width: int | None,
    *,
    ascii: bool,  # noqa: A002 - the name says it best
) -> list[Content]:
    """Return a line per task and one per failed teardown, in so many lines if that is possible at all."""
    longest = max((cell_len(safe_text(view.id)) for view in leaving), default=0)
    column = longest if width is None else min(longest, max(width // 2, _LEAST_NAME_CELLS))
    blocks = [(view, _task_block(view, column, now, ascii=ascii)) for view in leaving]
    if room is None or sum(len(block) for _, block in blocks) <= room:
        return [line for _, block in blocks for line in block]
    kept = [(view, block) for view, block in blocks if not _is_gone(view)]
    gone = len(blocks) - len(kept)
    counted = [Content.styled(f"{gone} of {len(blocks)} are gone", "$text-muted")] if gone else []
    return [*counted, *_most_urgent(kept, room - len(counted))]


def _most_urgent(blocks: Sequence[tuple[TaskView, list[Content]]], room: int) -> list[Content]:
    """Return the lines of as many tasks as there is room for, in the order they leave where it is enough for all."""
    if sum(len(block) for _, block in blocks) <= room:
        return [line for _, block in blocks for line in block]
    lines: list[Content] = []
    ordered = sorted(blocks, key=lambda one: _urgency(one[0]))
    for index, (_, block) in enumerate(ordered):
        if len(lines) + len(block) >= room:  # one line is for the count
            return [*lines, Content.styled(f"and {len(ordered) - index} more that are not gone", "$text-muted")]
        lines += block
    return lines


def _urgency(view: TaskView) -> int:
    """Return how early a task has to be shown, the smallest number first: what is waited for now."""
    if _is_busy(view):
        return 0
    return 2 if view.teardown is TeardownStatus.FAILED else 1


def _task_block(
    view: TaskView,
    width: int,
    now: float,
    *,
    ascii: bool,  # noqa: A002 - the name says it best
) -> list[Content]:
    seen = look(view, now, ascii)
    style = CONTENT_STYLES[seen.tone]
    lines = [
        Content.assemble(
            (f"{seen.glyph} ", style),
            f"{set_cell_size(_shortened(safe_text(view.id), width), width)}  ",
            (seen.note, style),
        ),
    ]
    if view.teardown is TeardownStatus.FAILED and view.teardown_error:
        lines.append(Content.styled(f"    {safe_text(view.teardown_error)}", "$text-error"))
    return lines


def _is_gone(view: TaskView) -> bool:
    """Tell whether nothing is left to come of a task, and nothing went wrong with its teardown."""
    return not is_alive(view.state) and view.teardown in {None, TeardownStatus.NOT_RUN, TeardownStatus.COMPLETED}


def _is_busy(view: TaskView) -> bool:
    """Tell whether something is being done to take it down."""
    return isinstance(view.state, Stopping) or view.teardown is TeardownStatus.RUNNING


def _headline(run: RunView, now: float) -> Content:
    verb = {
        RunPhase.RUNNING: "Running",
        RunPhase.STOPPING: "Stopping",
        RunPhase.KILLING: "Killing what is left",
        RunPhase.ABANDONING: "Giving up on teardowns",
        RunPhase.ENDED: "Everything is gone",
    }[run.phase]
    since = ""
    if run.stopping_since is not None and run.phase is not RunPhase.ENDED:
        since = f" for {growing_text(now - run.stopping_since)[0]}"
    cause = f"  {safe_text(run.cause)}" if run.cause else ""
    return Content.assemble((verb, "bold"), since, (cause, "$text-muted"))


def _awaited(run: RunView, leaving: Sequence[TaskView], now: float, force_key: str, width: int | None) -> list[Content]:
    """Say who is waited for, and what the key does next."""
    lines: list[Content] = []
    busy = [view for view in leaving if _is_busy(view)]
    oldest = min(busy, key=_busy_since, default=None)
    if oldest is not None:
        before, after = "Waiting for ", f" since {growing_text(now - _busy_since(oldest))[0]} ({_what_of(oldest)})"
        name = safe_text(oldest.id)
        if width is not None:
            name = _shortened(name, width - len(before) - len(after))
        lines.append(Content.assemble(before, (name, "bold"), after))
    text = _next_step(run.phase, sum(is_alive(view.state) for view in leaving), oldest)
    return [*lines, *_advice(force_key, text, width)] if text else lines


def _what_of(view: TaskView) -> str:
    """Return what of a task is waited for."""
    if not isinstance(view.state, Stopping):
        return "its teardown"
    return f"process {view.state.pid}" if view.state.pid else "its process"


def _advice(key: str, text: str, width: int | None) -> list[Content]:
    """Return what the key does, whole, in as many lines as that takes."""
    line = f"{key} {text}"
    first, *others = [line] if width is None else wrap(line, width)
    return [Content.assemble((key, "bold $text-accent"), first.removeprefix(key)), *map(Content, others)]


def _shortened(name: str, cells: int) -> str:
    """Cut a name off where it is too long, but never most of it."""
    cells = max(cells, _LEAST_NAME_CELLS)
    return name if cell_len(name) <= cells else set_cell_size(name, cells - 1) + "…"


def _busy_since(view: TaskView) -> float:
    """Return since when a task is waited for."""
    if isinstance(view.state, Stopping) or view.teardown_since is None:
        return view.since
    return view.teardown_since


def _next_step(phase: RunPhase, alive: int, awaited: TaskView | None) -> str:
    """Return what asking once more does, and first what ends the wait; empty when there is nothing left to ask for."""
    match phase:
        case RunPhase.RUNNING | RunPhase.STOPPING if alive:
            kills = f"kills the {f'{alive} that still run' if alive > 1 else 'one that still runs'}"
            if awaited is not None and not isinstance(awaited.state, Stopping):
                return f"twice gives up on teardowns; once {kills}"
            return f"{kills}; teardowns run all the same"
        case RunPhase.RUNNING | RunPhase.STOPPING:
            return "twice gives up on teardowns"
        case RunPhase.KILLING:
            return "gives up on teardowns too" if alive else "gives up on teardowns"
        case RunPhase.ABANDONING | RunPhase.ENDED:
            return ""
        case _:
            assert_never(phase)
