"""What the command about the settings does: the file in the editor, and what it says applied afterwards."""

import os

from tui_runner.errors.render import printable
from tui_runner.tui.opening import editor_command
from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from tui_runner.tui.settings.reading import Reading, read_settings, settings_path
from tui_runner.tui.settings.settings import Settings
from widgets.reference import FileReference


class SettingsActions(ActingScreen, inherit_bindings=False):
    """Open, take, complain."""

    def take_keys(self, settings: Settings) -> None:
        """Give the commands the keys of a user."""
        raise NotImplementedError

    def action_settings(self) -> None:
        """Open the settings in the editor."""
        self.edit_settings(1)

    def edit_settings(self, line: int) -> None:
        """Open the settings at a line; a file with everything in comments is made if there is none."""
        from tui_runner.tui.settings.example import make_example  # noqa: PLC0415 - for those who have no settings yet

        path = settings_path(os.environ)
        try:
            make_example(path)
        except OSError as error:
            self.say(f"{printable(str(path))} cannot be written: {error.strerror}", error=True)
            return
        command = editor_command(os.environ, path, FileReference(path=str(path), line=max(1, line)))
        if command is None:
            self.say("no editor found: set $EDITOR", error=True)
        else:
            self.run_worker(self._edit_settings(command), name="settings", exit_on_error=True)

    async def _edit_settings(self, command: tuple[str, ...]) -> None:
        problem = await self.host.lend_terminal(command)
        if problem:
            self.say(problem, error=True)
            return
        reading = read_settings(settings_path(os.environ))
        self.host.take_settings(reading.settings)
        if reading.problems:
            self.show_problems(reading)
        else:
            self.say("settings taken; mouse, signs and layout with the next start")

    def show_problems(self, reading: Reading) -> None:
        """Cover the screen with what is wrong in the settings, until it has been read."""
        from tui_runner.tui.screens.settings_problems import SettingsProblems  # noqa: PLC0415 - hardly ever shown

        first = next((problem.site.line for problem in reading.problems if problem.site is not None), 1)

        def answered(edit: bool | None) -> None:
            if edit:
                self.edit_settings(first)

        _ = self.app.push_screen(SettingsProblems(reading), answered)
