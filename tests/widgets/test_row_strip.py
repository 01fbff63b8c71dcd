"""Rows of the screen leave nothing behind for the garbage collector."""

import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import Monochrome
from textual.pilot import Pilot

from widgets.line_store import LineStore
from widgets.log_pane import LogPane
from widgets.row_strip import RowStrip

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]


class Text(str):
    """A text whose end can be noticed."""

    __slots__ = ("__weakref__",)


class LogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pane = LogPane()

    def compose(self) -> ComposeResult:
        yield self.pane


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Let only reference counts free anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_row_fits_whatever_it_is_made_of() -> None:
    assert RowStrip.fitted([Segment("ab")], 4).text == "ab  "
    assert RowStrip.fitted([Segment("abcdef")], 4).text == "abcd"
    assert RowStrip.fitted([Segment("a界")], 2).text == "a "


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("cuts", [[6], [6, 9]])
def test_a_row_is_gone_with_its_last_reference_when_it_was_not_divided(cuts: list[int]) -> None:
    text = Text("abcdef")
    end = weakref.ref(text)
    row = RowStrip([Segment(text)], 6)
    del text
    assert "".join(strip.text for strip in row.divide(cuts)) == "abcdef"
    assert end() is not None
    del row
    assert end() is None


@pytest.mark.usefixtures("uncollected")
def test_a_row_with_other_colours_is_gone_with_its_last_reference_too() -> None:
    row = RowStrip([Segment(Text("abcdef"), Style(color="red"))], 6).apply_filter(Monochrome(), Color(0, 0, 0))
    (piece,) = row
    assert piece.style is not None
    assert piece.style.color != Style(color="red").color
    end = weakref.ref(piece.text)
    del piece
    assert [strip.text for strip in row.divide([6])] == ["abcdef"]
    del row
    assert end() is None


@pytest.mark.usefixtures("uncollected")
async def test_lines_that_have_gone_by_are_gone(shown: Shown, wait: Wait) -> None:
    app = LogApp()
    store = LineStore()
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.show(store, "api")
        for batch in range(60):
            store.feed(b"".join(b"line %d of %d\n" % (line, batch) for line in range(20)), 100.0)
            app.pane.touched()
            await wait(pilot, lambda number=batch: any(f"line 19 of {number}" in row for row in shown(app)))  # type: ignore[misc]
        app.pane.wrap = not app.pane.wrap
        await pilot.pause()
        assert sum(isinstance(each, RowStrip) for each in gc.get_objects()) < 400, "1,200 have been painted"
