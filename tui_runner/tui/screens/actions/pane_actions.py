"""What the commands about panes and the tree do."""

from tui_runner.tui.screens.actions.acting_screen import ActingScreen


class PaneActions(ActingScreen, inherit_bindings=False):
    """Zoom, split, close; the tree."""

    def action_zoom(self) -> None:
        """Show the current log alone, or everything again."""
        self.body.toggle_zoom()

    def action_all_logs(self) -> None:
        """Show all logs merged, or one again."""
        self.body.toggle_everything()

    def action_pick_log(self) -> None:
        """Add the selected task to the pane, or take it out."""
        self.body.toggle_picked()
        if (together := self.pane.together) is not None and len(together.tasks) == 1:
            self.say(f"{together.tasks[0]} stays in this pane: select another task and press + to add it")

    async def action_split(self) -> None:
        """Open one more pane."""
        await self.body.split()

    async def action_close_pane(self) -> None:
        """Close the current pane."""
        await self.body.close_pane()

    def action_toggle_tree(self) -> None:
        """Hide or show the tree."""
        self.body.toggle_tree()

    def action_turn_tree(self) -> None:
        """Put the tree above the logs, or beside them."""
        self.body.turn_tree()

    def action_shrink_tree(self) -> None:
        """Make the tree narrower, or lower."""
        self.body.resize_tree(-1)

    def action_grow_tree(self) -> None:
        """Make the tree wider, or higher."""
        self.body.resize_tree(1)
