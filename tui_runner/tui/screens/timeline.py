"""How the run came up, live and afterwards."""

from collections.abc import Sequence
from math import floor

from textual.content import Content

from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.session import RunSession
from widgets.ansi import safe_text
from widgets.list_line import ListLine
from widgets.startup import StartUp, start_up
from widgets.timeline import milliseconds, timeline_lines


class TimelineScreen(Overview):
    """Bars of all tasks in the order they started; the cursor begins at the selected one."""

    NAME = "Timeline"

    def __init__(self, session: RunSession, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii)
        self._start: StartUp | None = None
        """As it was at the last picture; None before the first word of the supervisor."""

    def headline(self, now: float) -> Content:
        """Say how long it took and because of which tasks."""
        run = self.session.run
        start = self._start = None if run is None else start_up(self.session.tasks, run.started_at, now)
        if start is None:
            return Content("Start-up")
        took = milliseconds(start.until - start.began)
        chain = " > ".join(safe_text(task) for task in start.critical)
        because = f", because of {chain}" if chain else ""
        return Content(f"Start-up: {took}{' so far' if start.under_way else ''}{because}")

    def picture(self, width: int, now: float) -> Sequence[ListLine]:
        """Return a line per task, from what the headline was made of."""
        start = self._start
        if start is None:
            return ()
        return timeline_lines(start, self.session.tasks, floor(now), width, ascii=self.ascii)

    def moves(self) -> bool:
        """Tell whether some task is still on its way."""
        return self._start is not None and self._start.under_way
