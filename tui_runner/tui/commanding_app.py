"""Commands that are asked for, by key, palette or footer: one that does nothing now says why."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from tui_runner.tui.leaving_app import LeavingApp
from tui_runner.tui.palette import Palette

if TYPE_CHECKING:
    from textual.actions import ActionParseResult


class CommandingApp(LeavingApp, inherit_bindings=False):
    """The part of the app through which every command goes."""

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run a command, or an action of a widget. Return whether that is all there is to do for its key.

        Who hears nothing takes a key for heard: what is typed after an `i` that did nothing would be commands.
        """
        done = await super().run_action(action, default_namespace, namespaces)
        if done or self.main is None or default_namespace is not self.main or not isinstance(action, str):
            return done
        return self.main.refuse(action)

    def action_command_palette(self) -> None:
        """Open the palette, unless a dialog wants an answer first, or is the palette."""
        if not self.screen.is_modal:
            _ = self.push_screen(Palette(id="--command-palette"))
