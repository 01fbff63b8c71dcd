"""What the commands about the run and the screen itself do."""

from tui_runner.model.view import FileWatch
from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from tui_runner.tui.screens.help import HelpScreen, main_groups


class RunActions(ActingScreen, inherit_bindings=False):
    """Palette, help, leaving."""

    def action_command_palette(self) -> None:
        """Open the palette."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Open the help screen."""
        _ = self.app.push_screen(HelpScreen(main_groups(self.commands)))

    def action_pause_watching(self) -> None:
        """Let changed files wait, or go on."""
        paused = self.session.file_watch is FileWatch.PAUSED
        self.host.ask("resume-watching" if paused else "pause-watching", answer=lambda reply: self.say(reply.message))

    def action_suspend(self) -> None:
        """Go back to the shell for a while."""
        self.app.action_suspend_process()

    def action_detach(self) -> None:
        """Leave the run alone."""
        self.host.detach()

    def action_quit(self) -> None:
        """Quit."""
        self.host.leave()
