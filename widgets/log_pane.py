"""A pane that shows one log: fast at any number of lines."""

from typing import ClassVar

from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from widgets.line_store import LineStore
from widgets.query import Query


class LogPane(ScrollView, can_focus=True):
    """Shows a `LineStore`; follows its end until a person scrolls up."""

    follow: reactive[bool] = reactive(True, repaint=False)
    wrap: reactive[bool] = reactive(False, repaint=False)
    BINDINGS: ClassVar = []

    class FollowChanged(Message):
        """Following was left or taken up again."""

        def __init__(self, pane: "LogPane", follow: bool) -> None:
            super().__init__()
            self.pane = pane
            self.follow = follow

        @property
        def control(self) -> "LogPane":
            """The pane."""
            return self.pane

    class SearchUpdated(Message):
        """Counts of matches changed: read `match_count`, `filter_count` and `new_lines`. At most 30 per second."""

        def __init__(self, pane: "LogPane") -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> "LogPane":
            """The pane."""
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)

    def show(self, store: LineStore, title: str) -> None:
        """Switch to another log at once, where it was left."""
        raise NotImplementedError

    def touched(self) -> None:
        """Note that the store grew. Cheap; call it as often as you like."""
        raise NotImplementedError

    def set_filter(self, query: Query | None) -> None:
        """Show only matching lines; None shows all."""
        raise NotImplementedError

    def set_search(self, query: Query | None) -> None:
        """Highlight matches and go to the nearest; None ends the search."""
        raise NotImplementedError

    def search_next(self) -> None:
        """Go to the next newer match, around the end."""
        raise NotImplementedError

    def search_previous(self) -> None:
        """Go to the next older match, around the start."""
        raise NotImplementedError

    @property
    def new_lines(self) -> int:
        """Lines that came since following was left; 0 while following."""
        raise NotImplementedError

    @property
    def match_count(self) -> int | None:
        """Lines that match the search; None without one."""
        raise NotImplementedError

    @property
    def filter_count(self) -> int | None:
        """Lines that match the filter; None without one."""
        raise NotImplementedError
