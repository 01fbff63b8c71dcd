"""Selecting lines by keyboard, and which line commands about one line mean."""

from textual.geometry import Offset
from textual.selection import Selection

from widgets.line_cut import LINE_BYTES
from widgets.line_painter import shown_text
from widgets.log_view import LogView


class LogSelect(LogView):
    """A log in which whole lines can be selected without a mouse."""

    _anchor: int | None = None
    """Where selecting by keyboard began; None while nobody does."""
    _cursor = 0
    """Where it has got to."""

    @property
    def selecting(self) -> bool:
        """Tell whether keys that scroll extend the selection instead."""
        return self._anchor is not None

    @property
    def line_at_hand(self) -> int | None:
        """Number of the line a command means; None when there is none.

        It is where selecting has got to; else the line a jump, a click or a search has led to, while it can be seen;
        else the last line on the screen.
        """
        if self._anchor is not None:
            at = max(self._cursor, self.store.first)  # its line may have been dropped
            return at if at < self.store.end else None
        seen = {row.number for row in self._visible()}
        for number in (self._place.pointed, self._search.current if self._search else None):
            if number is not None and number in seen:
                return number
        last = self._bottom_number()
        return last if last < self.store.end else None

    def lines_at_hand(self) -> list[int]:
        """Return the line commands mean; where nothing has led to one, all lines on the screen, the last one first."""
        at = self.line_at_hand
        if at is None:
            return []
        led = self.selecting or at in (self._place.pointed, self._search.current if self._search else None)
        seen = dict.fromkeys(row.number for row in reversed(self._visible()) if row.number is not None)
        return [at] if led else list(seen)

    def text_of(self, number: int) -> str:
        """Return the text of a line as it is shown."""
        return shown_text(self.store.line(number), LINE_BYTES, laid_out_json=False)

    def begin_selecting(self) -> bool:
        """Select the line at hand, and extend from there; tell whether there is one."""
        number = self.line_at_hand
        if number is None:
            return False
        self._stay(*self._top())
        self._anchor = self._cursor = number
        self._select()
        return True

    def point_at(self, number: int | None) -> None:
        """Let commands mean this line, and show which it is."""
        self._place.pointed = number
        self.refresh()

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected; selecting by keyboard ends with the selection."""
        if selection is None:
            self._anchor = None
        super().selection_updated(selection)

    def _extend(self, rows: int) -> None:
        """Move the end of the selection by so many lines that are shown, and keep it on the screen."""
        if not self._rows:
            return  # a filter hides everything
        row = max(0, min(len(self._rows) - 1, self._rows.row_of(self._cursor) + rows))
        self._cursor = self._rows.number(row)
        self._select()
        seen = [painted.number for painted in self._visible() if painted.number is not None]
        if self._cursor not in seen:
            top = row if seen and self._cursor < seen[0] else max(0, row - self._height + 1)
            self._stay(top, 0)

    def _select(self) -> None:
        if self._anchor is None:
            return
        low, high = sorted((self._anchor, self._cursor))
        text = shown_text(self.store.line(high), LINE_BYTES, laid_out_json=self.pretty)
        # An empty line has no character: a selection of none would be no selection.
        self.screen.selections = {self: Selection(Offset(0, low), Offset(max(1, len(text)), high))}

    def _stay(self, row: int, sub: int) -> None:
        """Bring a row to the top of the screen, and follow no more."""
        raise NotImplementedError
