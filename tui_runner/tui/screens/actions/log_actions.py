"""What the commands about the log of the current pane do."""

from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from widgets.filter_stack import with_next_level, with_next_stream
from widgets.query_bar import QueryKind


class LogActions(ActingScreen, inherit_bindings=False):
    """Search, filter, follow, copy."""

    def action_search(self) -> None:
        """Open the bar to search."""
        search = self.pane.search
        self._open_query(QueryKind.SEARCH, "" if search is None else search.typed)

    def action_filter(self) -> None:
        """Open the bar to put a filter on top."""
        self._open_query(QueryKind.FILTER)

    def action_hide(self) -> None:
        """Open the bar to hide lines."""
        self._open_query(QueryKind.HIDE)

    def action_filter_level(self) -> None:
        """Show the next level only, or all."""
        self.to_log()
        self.pane.set_filters(with_next_level(self.pane.filters))
        self.mark()

    def action_filter_stream(self) -> None:
        """Show the next stream only, or all."""
        self.to_log()
        self.pane.set_filters(with_next_stream(self.pane.filters))
        self.mark()

    def action_next_match(self) -> None:
        """Go to the next match."""
        self.to_log().search_next()

    def action_previous_match(self) -> None:
        """Go to the previous match."""
        self.to_log().search_previous()

    def action_follow(self) -> None:
        """Follow the end."""
        self.body.show_newest(self.pane)

    def action_timestamps(self) -> None:
        """Show other times in front of the lines, and say which."""
        pane = self.to_log()
        pane.stamps = pane.stamps.next
        self.say(f"times: {pane.stamps.value}")

    def action_toggle_pretty(self) -> None:
        """Lay JSON out, or not."""
        pane = self.to_log()
        pane.pretty = not pane.pretty

    def action_toggle_wrap(self) -> None:
        """Wrap or cut long lines."""
        pane = self.to_log()
        pane.wrap = not pane.wrap

    def action_copy(self) -> None:
        """Copy the selected text."""
        if text := self.get_selected_text():
            self.app.copy_to_clipboard(text)
            self.clear_selection()
            self.mark()

    def _open_query(self, kind: QueryKind, text: str = "") -> None:
        self.to_log()
        self.query_bar.open(kind, text)
        self.mark()
