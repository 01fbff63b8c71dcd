"""The line at the bottom: counts, key hints, a message. Renders plain data; knows no bindings."""

from collections.abc import Sequence

from textual.message import Message
from textual.widget import Widget

from widgets.task_look import Count


class StatusLine(Widget):
    """One line; a click on a hint posts `Pressed`."""

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, line: "StatusLine", key: str) -> None:
            super().__init__()
            self.line = line
            self.key = key

        @property
        def control(self) -> "StatusLine":
            """The line."""
            return self.line

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)

    def set_counts(self, counts: Sequence[Count]) -> None:
        """Show these counts at the left end."""
        raise NotImplementedError

    def set_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """Show (key, label) pairs, as many as fit, the first ones first."""
        raise NotImplementedError

    def set_message(self, text: str, *, error: bool = False) -> None:
        """Show a text in place of the hints; an empty one brings them back."""
        raise NotImplementedError
