"""How the run came up, live and afterwards."""

from collections.abc import Sequence
from math import floor

from textual.content import Content

from tui_runner.tui.screens.overview import Overview
from widgets.ansi import safe_text
from widgets.list_line import ListLine
from widgets.startup import StartUp, start_up
from widgets.timeline import milliseconds, timeline_lines


class TimelineScreen(Overview):
    """Bars of all tasks in the order they started; the cursor begins at the selected one."""

    def headline(self, now: float) -> Content:
        """Say how long it took and because of which tasks."""
        start = self._start_up(now)
        if start is None:
            return Content("Start-up")
        took = milliseconds(start.until - start.began)
        chain = " > ".join(safe_text(task) for task in start.critical)
        return Content(
            f"Start-up: {took}{' so far' if start.under_way else ''}{f', because of {chain}' if chain else ''}"
        )

    def picture(self, width: int, now: float) -> Sequence[ListLine]:
        """Return a line per task."""
        start = self._start_up(now)
        return () if start is None else timeline_lines(start, self.session.tasks, floor(now), width, ascii=self.ascii)

    def moves(self) -> bool:
        """Tell whether some task is still on its way."""
        start = self._start_up(self.session.clock())
        return start is not None and start.under_way

    def _start_up(self, now: float) -> StartUp | None:
        run = self.session.run
        return None if run is None else start_up(self.session.tasks, run.started_at, now)
