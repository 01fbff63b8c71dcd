"""Screens that cover the main one until they are left."""

import asyncio

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget

from tui_runner.tui.screens.see_through import SeeThroughScreen


class PassingScreen(Screen[ScreenResultType]):
    """A screen that is left once: what was typed ahead, or clicked twice, may ask for it again."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the screen with this result, unless it is not the one on top any more."""
        return super().dismiss(result) if self.is_active else AwaitComplete.nothing()  # type: ignore[no-untyped-call]  # of Textual

    @on(events.ScreenResume)
    @on(events.Resize)
    async def _let_others_run(self) -> None:
        # A new screen is composed, styled, painted and, as its size is news to it, painted again: not all in one turn.
        await asyncio.sleep(0)

    @on(events.ScreenSuspend)
    def _let_go_of_pictures(self) -> None:
        # They are painted anew if it comes back. If not, it waits for the garbage collector: without tens of thousands of
        # objects its rows are made of.
        for widget in self.walk_children(Widget):
            widget.refresh()


class PassingDialog(ModalScreen[ScreenResultType], PassingScreen[ScreenResultType], SeeThroughScreen[ScreenResultType]):
    """The same, with what it covers behind it: styles are those of the first base, which is why it is this one."""
