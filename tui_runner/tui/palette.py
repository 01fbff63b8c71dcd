"""The command palette, filled from the commands that apply now."""

from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui_runner.tui.commands import applicable
from tui_runner.tui.screens.main import MainScreen
from tui_runner.tui.screens.passing import PassingScreen
from tui_runner.tui.screens.see_through import SeeThroughScreen
from tui_runner.tui.ui_command import UiCommand


class Palette(CommandPalette, PassingScreen[None], SeeThroughScreen[None]):
    """Where commands are looked for: Textual's, which is the first base as its style sheet is that of the first."""


class CommandProvider(Provider):
    """Offers the commands of the main screen; over an overview too, which is left for the one that is chosen."""

    async def discover(self) -> Hits:
        """Offer all of them before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(_display(command), partial(self._run, command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer those that match what is typed, by label and by description."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.label), matcher.match(command.help) / 2)
            if score > 0:
                yield Hit(score, matcher.highlight(_display(command)), partial(self._run, command), help=command.help)

    def _commands(self) -> tuple[UiCommand, ...]:
        main = self._main
        return tuple(command for command in applicable(main.context(), main.commands) if command.palette)

    async def _run(self, command: UiCommand) -> None:
        main = self._main
        main.leave_overviews()
        await main.run_action(command.id)

    @property
    def _main(self) -> MainScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))


def _display(command: UiCommand) -> str:
    label = command.label.capitalize()
    return f"{label}  ({command.shown})" if command.shown else label
