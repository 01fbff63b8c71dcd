"""Lines that a pane shows, selects or has found may be dropped from memory, or hidden, before the next frame."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pane_app import PaneApp, numbered
from textual.app import App
from textual.pilot import Pilot

from widgets.line_filter import TextFilter
from widgets.query import Query
from widgets.stamp import StampMode

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]


def dropping(app: PaneApp) -> None:
    """Let the store drop all it holds, without a word to the pane."""
    before = app.store.end
    while app.store.first < before:
        app.store.feed(numbered(app.store.end, app.store.end + 10_000), 1.0)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("key", ["k", "j", "home", "pageup", "h", "V"])
async def test_a_key_after_filtered_lines_were_dropped_moves_among_those_that_are_left(
    wait: Wait, shown: Shown, wrap: bool, key: str
) -> None:
    app = PaneApp(max_bytes=1 << 18)
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.wrap = wrap
        app.pane.stamps = StampMode.DELTA
        app.pane.set_filters(TextFilter(query=Query(text="0")))
        app.feed(numbered(0, 3000))
        await wait(pilot, lambda: shown(app)[11].endswith("line 2990"))
        await pilot.press("pageup")
        dropping(app)
        await pilot.press(key)
        app.pane.touched()
        await wait(pilot, lambda: "0" in shown(app)[0])
        assert all(number >= app.store.first for number in app.pane.lines_at_hand())


async def test_the_end_of_a_selection_that_was_dropped_is_the_oldest_line_there_is(wait: Wait, shown: Shown) -> None:
    app = PaneApp(max_bytes=1 << 18)
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[11] == "line 99")
        assert app.pane.begin_selecting()
        dropping(app)
        assert app.pane.lines_at_hand() == [app.store.first]
        assert app.pane.text_of(app.store.first) == f"line {app.store.first}"


async def test_selecting_goes_nowhere_while_a_filter_hides_everything(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 2))
        await wait(pilot, lambda: "line 1" in shown(app))
        assert app.pane.begin_selecting()
        app.pane.set_filters(TextFilter(query=Query(text="nowhere")))
        await wait(pilot, lambda: "line 1" not in shown(app))
        await pilot.press("k", "j", "home", "end")
        app.pane.set_filters()
        await wait(pilot, lambda: "line 1" in shown(app))
        await pilot.press("k")
        assert app.pane.lines_at_hand() == [0]
