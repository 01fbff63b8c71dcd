"""What the commands that move do."""

from tui_runner.tui.screens.actions.acting_screen import ActingScreen


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
        """Undo the latest of selection, search, filters, the way to the log, zoom, focus and merging."""
        pane = self.pane
        if self.selections:
            self.clear_selection()
        elif self.body.task_query is not None and not self.body.in_log:
            self.body.narrow_tree(None)
        elif pane.search is not None:
            pane.set_search(None)
        elif pane.filters:
            pane.set_filters(pane.filters[:-1])
        elif pane.log_wanted:
            self.body.want_log(pane, False)
        elif self.body.zoomed:
            self.body.toggle_zoom()
        elif self.body.in_log and self.body.tree_view.display:
            self.body.focus_tree()
        elif self.body.task_query is not None:
            self.body.narrow_tree(None)
        else:
            self.body.show_together(pane, None)
        self.mark()
