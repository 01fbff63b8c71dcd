"""What happened, newest last."""

from collections.abc import Sequence

from textual.content import Content

from tui_runner.tui.overview_keys import FILTER, LINES, TO_TASK
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.session import RunSession
from widgets.event_lines import event_lines
from widgets.list_line import ListLine


class EventsScreen(Overview):
    """A line per event; stays at the newest while the cursor is there."""

    HINTS = (("Enter", "go to task"), ("f", "filter"), ("?", "help"), ("Esc", "back"))
    FILTERED = True
    NAME = "Events"
    KEYS = (*LINES, TO_TASK, FILTER)

    def __init__(self, session: RunSession, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii, at_end=True)

    def headline(self, now: float) -> Content:  # noqa: ARG002 - others tell a time
        """Count them."""
        log = self.session.events
        count = len(log.events)
        gone = f"; the first {log.forgotten:,} are forgotten here" if log.forgotten else ""
        return Content(f"{count:,} event{'' if count == 1 else 's'} told, newest last{gone}")

    def picture(self, width: int, now: float) -> Sequence[ListLine]:  # noqa: ARG002 - an event looks the same for ever
        """Return a line per event."""
        return event_lines(self.session.events.events, ascii=self.ascii)
