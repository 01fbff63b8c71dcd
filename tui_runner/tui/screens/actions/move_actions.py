"""What the commands that move do."""

from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from widgets.query_bar import QueryKind


class MoveActions(ActingScreen, inherit_bindings=False):
    """Focus, and the way back."""

    def action_focus_log(self) -> None:
        """Go to the log."""
        self.body.focus_log()

    def action_next_pane(self) -> None:
        """Go one pane on."""
        self.body.focus_along(1)

    def action_previous_pane(self) -> None:
        """Go one pane back."""
        self.body.focus_along(-1)

    def action_back(self) -> None:
        """Undo the latest of selection, search, filter, zoom and focus."""
        pane = self.pane
        if self.selections:
            self.clear_selection()
        elif QueryKind.SEARCH in pane.queries:
            pane.set_query(QueryKind.SEARCH, None)
        elif QueryKind.FILTER in pane.queries:
            pane.set_query(QueryKind.FILTER, None)
        elif self.body.zoomed:
            self.body.toggle_zoom()
        else:
            self.body.focus_tree()
        self.mark()
