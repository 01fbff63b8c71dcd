"""What the commands about terminals do, and what happens in terminals."""

from typing import TYPE_CHECKING

from textual import events, on
from textual.widget import Widget

from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from tui_runner.tui.task_pane import TaskPane

if TYPE_CHECKING:
    from widgets.term_pane import TermPane


class TerminalActions(ActingScreen, inherit_bindings=False):
    """Type into a terminal, leave it, see its log."""

    _came_from: Widget | None = None
    """What had the focus before a terminal was typed into."""

    async def action_interact(self) -> None:
        """Let keys go to the task from now on; those that are typed ahead wait until they can."""
        pane = self.pane
        # The pane may follow the tree a moment later.
        if self.task_id is not None and pane.task_id != self.task_id:
            self.body.show(pane, self.task_id)
        if pane.together is not None:
            self.body.show_together(pane, None)
        self.body.want_log(pane, False)
        self._leave_history(pane)
        await self.body.terminals.loaded()
        if pane.terminal is None or not pane.terminal_shown:
            self.say(self.body.terminals.problem.partition("\n")[0], error=True)
            return
        self._came_from = self.focused
        self.set_focus(pane.terminal)
        pane.terminal.typing = True
        self.mark()

    def action_toggle_terminal(self) -> None:
        """Show the log in the place of the terminal, or the terminal again."""
        pane = self.pane
        self._leave_history(pane)
        self.body.want_log(pane, not pane.log_wanted)

    def _leave_history(self, pane: TaskPane) -> None:
        if pane.history is not None:
            self.body.show_newest(pane)

    @property
    def typing(self) -> "TermPane | None":
        """The terminal that keys go to; None when they are commands."""
        focused = self.focused
        shown = (pane.terminal for pane in self.body.grid if pane.terminal is not None)
        return next((terminal for terminal in shown if terminal is focused and terminal.typing), None)

    def type_key(self, terminal: "TermPane", event: events.Key) -> None:
        """Give a key to a task. The one that leaves leads back at once: what is typed ahead are commands."""
        terminal.take_key(event)
        if not terminal.typing and self._came_from is self.body.tree_view and self.body.tree_view.display:
            self.set_focus(self.body.tree_view)

    # Handlers are found by their names: the widget is loaded when there is one.

    def on_term_pane_typed(self, event: "TermPane.Typed") -> None:
        """Hand on what was typed."""
        if (pane := self.body.grid.pane_with(event.pane)) is not None and pane.task_id is not None:
            self.session.terminals.type_into(pane.task_id, event.data)

    def on_term_pane_typing_changed(self, event: "TermPane.TypingChanged") -> None:
        """Take the terminal over when somebody begins to type here."""
        pane = self.body.grid.pane_with(event.pane)
        if pane is not None and event.pane.typing:
            self.body.terminals.take_over(pane)
        self.mark(0.001)

    def on_term_pane_resized(self) -> None:
        """Tell what size terminals have room for."""
        self.body.terminals.tell_sizes()
        self.mark()

    @on(events.ScreenSuspend)
    def _stop_typing(self) -> None:
        if (terminal := self.typing) is not None:
            terminal.typing = False
