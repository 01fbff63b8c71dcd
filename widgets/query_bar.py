"""One line to type a filter or a search into. Hidden until opened; never a screen of its own."""

from enum import StrEnum
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from widgets.query import InvalidQuery, Query


class QueryKind(StrEnum):
    """What the bar is open for."""

    FILTER = "filter"
    HIDE = "hide"
    SEARCH = "search"
    TASKS = "tasks"


class QueryBar(Horizontal):
    """A label, an input and a status text. `display` is off until `open`."""

    DEFAULT_CSS = """
    QueryBar {
        height: 1;
        background: $panel;
        #query-label { width: auto; padding: 0 1; color: $text-accent; }
        Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        #query-status { width: auto; padding: 0 1; color: $text-muted; }
        #query-status.-error { color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", show=False)]

    class Changed(Message):
        """The text became another valid query, or empty (None). Text that is no regular expression posts nothing."""

        def __init__(self, bar: "QueryBar", query: Query | None) -> None:
            super().__init__()
            self.bar = bar
            self.kind = bar.kind
            self.query = query

        @property
        def control(self) -> "QueryBar":
            """The bar that was typed into."""
            return self.bar

    class Submitted(Changed):
        """Enter was pressed."""

    class Closed(Message):
        """Escape was pressed; the bar is hidden already."""

        def __init__(self, bar: "QueryBar") -> None:
            super().__init__()
            self.bar = bar
            self.kind = bar.kind

        @property
        def control(self) -> "QueryBar":
            """The bar that was closed."""
            return self.bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.kind = QueryKind.FILTER
        self.display = False
        self._label = Static("", id="query-label", markup=False)
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False
        self._status = Static("", id="query-status", markup=False)

    def compose(self) -> ComposeResult:
        """Put label, input and status side by side."""
        yield self._label
        yield self._input
        yield self._status

    @property
    def value(self) -> str:
        """What is typed now."""
        return self._input.value

    def open(self, kind: QueryKind, text: str = "") -> None:
        """Show the bar for this kind with this text, and focus it. Posts `Changed` when the text differs."""
        self.kind = kind
        self._label.update(Content(kind.value))
        self.set_status("")
        self.display = True
        self._input.value = text
        self._input.cursor_position = len(text)
        # `focus` would do it after the next message: what is typed ahead would go where the focus was.
        self.screen.set_focus(self._input)

    def close(self) -> None:
        """Hide the bar without posting anything."""
        self.display = False

    def set_status(self, text: str) -> None:
        """Show a short text such as a count at the right end. An error of the pattern is shown instead of it."""
        if not isinstance(Query.parse(self.value), InvalidQuery):
            self._show_status(text, error=False)

    def action_close(self) -> None:
        """Hide the bar and say so."""
        self.close()
        self.post_message(self.Closed(self))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        match Query.parse(event.value):
            case InvalidQuery(message=message):
                self._show_status(message, error=True)
            case query:
                self._show_status("", error=False)
                self.post_message(self.Changed(self, query))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        query = Query.parse(event.value)
        if not isinstance(query, InvalidQuery):
            self.post_message(self.Submitted(self, query))

    def on_click(self, event: events.Click) -> None:
        """Focus the input wherever the bar is clicked."""
        event.stop()
        self._input.focus()

    def _show_status(self, text: str, *, error: bool) -> None:
        self._status.set_class(error, "-error")
        self._status.update(Content(text))
