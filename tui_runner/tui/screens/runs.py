"""Past runs of this root: read from their records, in a thread, when the list is opened."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual.content import Content

from tui_runner.records.history import RunRecord, list_runs
from tui_runner.records.run_directory import RecordsError
from tui_runner.tui.overview_keys import FILTER, LINES, TO_RUN
from tui_runner.tui.run_lines import past_run_lines, run_lines
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.session import RunSession
from widgets.ansi import safe_text
from widgets.list_line import Accent, ListLine, Piece


class RunsScreen(Overview):
    """A line per run, newest first; Enter shows one."""

    HINTS = (("Enter", "show run"), ("f", "filter"), ("?", "help"), ("Esc", "back"))
    FILTERED = True
    NAME = "History of runs"
    KEYS = (*LINES, TO_RUN, FILTER)

    def __init__(self, session: RunSession, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii)
        self._records: Sequence[RunRecord] | None = None
        self._problem = ""

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        if self.session.run is not None:
            self.run_worker(self._read(Path(self.session.run.root)), name="past runs", exit_on_error=True)

    async def _read(self, root: Path) -> None:
        try:
            self._records = await asyncio.to_thread(list_runs, root)
        except (RecordsError, OSError) as error:
            self._problem = str(error)
        self.draw()

    def headline(self, now: float) -> Content:  # noqa: ARG002 - others tell a time
        """Count the runs."""
        if self._records is None:
            return Content("Runs")
        count = len(self._records)
        return Content(f"{count} run{'' if count == 1 else 's'} whose records are kept, newest first")

    def picture(self, width: int, now: float) -> Sequence[ListLine]:  # noqa: ARG002 - a record looks the same for ever
        """Return a line per run."""
        if self._records is None:
            text = f"the records cannot be read: {safe_text(self._problem)}" if self._problem else "reading records …"
            return (ListLine((Piece(text, Accent.MUTED),)),)
        if not self._records:
            return (ListLine((Piece("no records are kept here", Accent.MUTED),)),)
        current = "" if self.session.run is None else self.session.run.run_id
        return run_lines(self._records, current, ascii=self.ascii)

    def choose(self, line: ListLine) -> None:
        """Show a run; a task chosen there leaves this list as well."""
        for record in self._records or ():
            if record.run_id == line.ident:
                _ = self.app.push_screen(PastRunScreen(self.session, record, ascii=self.ascii), self._came_back)

    def _came_back(self, task: str | None) -> None:
        if task is not None:
            _ = self.dismiss(task)


class PastRunScreen(Overview):
    """One run with its tasks; Enter goes to a task of now."""

    NAME = "A past run"

    def __init__(self, session: RunSession, record: RunRecord, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii)
        self._record = record

    def headline(self, now: float) -> Content:  # noqa: ARG002 - others tell a time
        """Name the run."""
        return Content(f"Run {self._record.run_id}")

    def picture(self, width: int, now: float) -> Sequence[ListLine]:  # noqa: ARG002 - a record looks the same for ever
        """Return what the run was and how its tasks went."""
        return past_run_lines(self._record, width, ascii=self.ascii)
