"""Shows how a run leaves: who goes when, who is waited for and since when, and which key forces."""

from collections.abc import Sequence
from typing import assert_never

from textual.content import Content
from textual.widgets import Static

from tui_runner.model.state import Pending, Skipped, Stopping, TeardownStatus, is_alive
from tui_runner.model.view import RunPhase, RunView, TaskView
from widgets.ansi import safe_text
from widgets.span_text import growing_text
from widgets.task_look import look
from widgets.tone import CONTENT_STYLES


class StopPanel(Static):
    """Shows tasks in the order they leave, the first to leave on top."""

    DEFAULT_CSS = """
    StopPanel { height: auto; padding: 1 2; text-wrap: nowrap; text-overflow: ellipsis; }
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
        lines = stop_lines(run, tasks, now, force_key=force_key, ascii=self.ascii)
        self.update(Content("\n").join(lines))


def stop_lines(
    run: RunView,
    tasks: Sequence[TaskView],
    now: float,
    *,
    force_key: str,
    ascii: bool = False,  # noqa: A002 - the name says it best
) -> list[Content]:
    """Return the lines of the panel."""
    leaving = [view for view in reversed(tasks) if not isinstance(view.state, Pending | Skipped) and not view.composite]
    lines = [_headline(run, now), Content("")]
    width = max((len(safe_text(view.id)) for view in leaving), default=0)
    for view in leaving:
        seen = look(view, now, ascii)
        style = CONTENT_STYLES[seen.tone]
        line = Content.assemble((f"{seen.glyph} ", style), f"{safe_text(view.id).ljust(width)}  ", (seen.note, style))
        lines.append(line)
        if view.teardown is TeardownStatus.FAILED and view.teardown_error:
            lines.append(Content.styled(f"    {safe_text(view.teardown_error)}", "$text-error"))
    return [*lines, Content(""), *_footer(run, leaving, now, force_key)]


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


def _footer(run: RunView, leaving: Sequence[TaskView], now: float, force_key: str) -> list[Content]:
    """Say who is waited for, and what the key does next."""
    lines: list[Content] = []
    busy = [view for view in leaving if isinstance(view.state, Stopping) or view.teardown is TeardownStatus.RUNNING]
    if busy:
        oldest = min(busy, key=lambda view: view.since)
        what = (
            f"process {oldest.state.pid}" if isinstance(oldest.state, Stopping) and oldest.state.pid else "its teardown"
        )
        elapsed = growing_text(now - oldest.since)[0]
        lines.append(Content.assemble("Waiting for ", (safe_text(oldest.id), "bold"), f" ({what}) since {elapsed}"))
    text = _next_step(run.phase, sum(is_alive(view.state) for view in leaving))
    return [*lines, Content.assemble((force_key, "bold $text-accent"), f" {text}")] if text else lines


def _next_step(phase: RunPhase, alive: int) -> str:
    """Return what asking once more does; empty when there is nothing left to ask for."""
    match phase:
        case RunPhase.RUNNING | RunPhase.STOPPING if alive:
            return f"kills the {alive} that still run; teardowns run all the same"
        case RunPhase.RUNNING | RunPhase.STOPPING:
            return "twice gives up on teardowns"
        case RunPhase.KILLING:
            return "gives up on teardowns too"
        case RunPhase.ABANDONING | RunPhase.ENDED:
            return ""
        case _:
            assert_never(phase)
